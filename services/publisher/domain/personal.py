"""The last check for personal data: intake has removed it, so anything found here blocks the item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from services.publisher.domain.form import Form


class PersonalDataKind(StrEnum):
    """The kinds of personal data that are recognised."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    CARD = "card"
    EMAIL = "email"


# Digits may be split by spaces or hyphens. Bounded quantifiers on purpose: an open one is quadratic on long texts.
_PATTERNS = (
    (
        PersonalDataKind.ID_NUMBER,
        re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![0-9A-Za-z])"),
    ),
    (PersonalDataKind.PHONE, re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    (
        PersonalDataKind.CARD,
        re.compile(r"(?<![0-9A-Za-z])(?:62|4|5[1-5])\d{2}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])"),
    ),
    (PersonalDataKind.EMAIL, re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}\.[A-Za-z]{2,24}")),
)
# Fields of free text; codes, days and counts contain no personal data.
FREE_TEXT = ("issue", "result", "goods")


def find_personal_data(form: Form) -> frozenset[PersonalDataKind]:
    """Return the kinds of personal data that the texts of a form still contain."""
    return frozenset(kind for text in _texts(form) for kind, pattern in _PATTERNS if pattern.search(text))


def _texts(form: Form) -> Iterable[str]:
    content = form.content or {}
    texts = [form.title, form.summary, form.reason, *(content.get(name) for name in FREE_TEXT)]
    if form.operator:
        texts.append(form.operator.address)
    texts.extend(new for name, _, new in form.changes if name in {*FREE_TEXT, "title", "operator.address"})
    return (unicodedata.normalize("NFKC", text) for text in texts if text)
