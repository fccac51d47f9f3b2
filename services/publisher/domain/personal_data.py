"""The last check for personal data: intake has removed it, so anything found here blocks the item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from services.publisher.domain.form import Form
from shared.identity_numbers import has_birth_date


class PersonalDataKind(StrEnum):
    """The kinds of personal data that are recognised."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    CARD = "card"
    EMAIL = "email"


# Digits may be split by spaces or hyphens. Bounded quantifiers on purpose: an open one is quadratic on long texts.
_IDENTITY_CANDIDATE = re.compile(r"(?<![0-9A-Za-z])[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx](?![0-9A-Za-z])")
_SEPARATORS = re.compile(r"[ -]")
_PATTERNS = (
    (PersonalDataKind.PHONE, re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    (
        PersonalDataKind.CARD,
        re.compile(r"(?<![0-9A-Za-z])(?:62|4|5[1-5])\d{2}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])"),
    ),
    (PersonalDataKind.EMAIL, re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}\.[A-Za-z]{2,24}")),
)
# Fields of free text; codes, days and counts contain no personal data.
FREE_TEXT = ("issue", "result", "goods")
# A form that names no day is of no year: then every birth date that ever was may be one.
ANY_YEAR = 9999


def find_personal_data(form: Form) -> frozenset[PersonalDataKind]:
    """Return the kinds of personal data that the texts of a form still contain."""
    texts, year = list(_texts(form)), _find_year(form)
    kinds = {kind for text in texts for kind, pattern in _PATTERNS if pattern.search(text)}
    if any(_holds_identity_number(text, year) for text in texts):
        kinds.add(PersonalDataKind.ID_NUMBER)
    return frozenset(kinds)


def _holds_identity_number(text: str, year: int) -> bool:
    """Return whether 18 characters have a birth date where identity numbers have it; the check character may be mistyped."""
    return any(has_birth_date(_SEPARATORS.sub("", match.group()), year) for match in _IDENTITY_CANDIDATE.finditer(text))


def _find_year(form: Form) -> int:
    """Return the year that a form is about."""
    day = (form.content or {}).get("received_on") or form.period
    return int(day[:4]) if day else ANY_YEAR


def _texts(form: Form) -> Iterable[str]:
    content = form.content or {}
    texts = [form.title, form.summary, form.reason, *(content.get(name) for name in FREE_TEXT)]
    if form.operator:
        texts.append(form.operator.address)
    texts.extend(new for name, _, new in form.changes if name in {*FREE_TEXT, "title", "operator.address"})
    return (unicodedata.normalize("NFKC", text) for text in texts if text)
