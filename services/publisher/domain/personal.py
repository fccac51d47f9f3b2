"""The last look for personal data: intake has removed it, so anything found here stops the item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from services.publisher.domain.form import Form


class Personal(StrEnum):
    """Kinds of personal data that are looked for."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    CARD = "card"
    EMAIL = "email"


# Digits may be split by spaces or hyphens. Bounded quantifiers on purpose: an open one is quadratic on long texts.
_PATTERNS = (
    (Personal.ID_NUMBER, re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![0-9A-Za-z])")),
    (Personal.PHONE, re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    (Personal.CARD, re.compile(r"(?<![0-9A-Za-z])(?:62|4|5[1-5])\d{2}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?![0-9A-Za-z])")),
    (Personal.EMAIL, re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}\.[A-Za-z]{2,24}")),
)
# Fields of content that people wrote; codes, days and counts hold no personal data.
WRITTEN = ("issue", "result", "goods")


def personal_data(form: Form) -> frozenset[Personal]:
    """Return the kinds of personal data that the texts of a form still hold."""
    return frozenset(kind for text in _texts(form) for kind, pattern in _PATTERNS if pattern.search(text))


def _texts(form: Form) -> Iterable[str]:
    content = form.content or {}
    written = [form.title, form.summary, form.reason, *(content.get(name) for name in WRITTEN)]
    if form.operator:
        written.append(form.operator.address)
    written.extend(new for name, _, new in form.changes if name in {*WRITTEN, "title", "operator.address"})
    return (unicodedata.normalize("NFKC", text) for text in written if text)
