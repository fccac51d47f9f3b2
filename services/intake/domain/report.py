"""A report as it came in: the CloudEvents envelope, the content, and a hash that tells two contents apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from shared.contracts.reports import ComplaintReport

LINE_PATTERN = r"^[^\x00-\x20\x7f]{1,200}$"
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE_PATTERN)]


@dataclass(slots=True)
class Reported:
    """One report event: `source` is the hotline's or desk's name, `id` the event's, unique within its source.

    `plain`: it came as JSON without an escape, in which no control character can be.
    """

    source: str
    id: str
    data: ComplaintReport
    plain: bool = False


def is_plain(body: bytes) -> bool:
    """Return whether no text of a JSON document holds a control character for sure."""
    return b"\\" not in body and b"\x7f" not in body


class StructuredReport(BaseModel):
    """A report event as CloudEvents 1.0 writes it in structured form."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    specversion: Literal["1.0"]
    id: Line
    source: Line
    type: Literal["gongshi.complaint.reported.v1"]
    time: AwareDatetime | None = None
    data: ComplaintReport

    def reported(self, *, plain: bool) -> Reported:
        """Return the event without its envelope."""
        return Reported(self.source, self.id, self.data, plain)


# In this order for ever: what the contract gains later comes at the end of its part. The revision is not content.
SAID = (
    "channel", "external_id", "kind", "ledger", "region", "industry", "category", "goods", "title", "text", "outcome",
    "satisfaction", "case_number", "office", "status",
)  # fmt: skip
SAID_OF_OPERATOR = ("name", "uscc", "address", "scope", "platform", "site")
SAID_OF_COMPLAINANT = ("name", "phone", "id_number", "address", "consents_to_publish", "consents_to_direct")
MOMENTS = ("received_at", "accepted_at", "due_at", "closed_at")
AMOUNTS = ("amount", "recovered")
_said, _moments, _amounts = itemgetter(*SAID), itemgetter(*MOMENTS), itemgetter(*AMOUNTS)
_of_operator, _of_complainant = itemgetter(*SAID_OF_OPERATOR), itemgetter(*SAID_OF_COMPLAINANT)


def content(report: ComplaintReport) -> bytes:
    """Return what a report says in one form, however it was sent: moments as moments, money as money.

    Each part is without nulls at its end, so that a field that the contract gains with the default null changes no content
    told before.
    """
    fields = report.__dict__
    parts: tuple[Sequence[object], ...] = (
        _said(fields),
        _of_operator(fields["operator"].__dict__),
        _of_complainant(fields["complainant"].__dict__),
        [moment and moment.timestamp() for moment in _moments(fields)],
        [yuan(amount) for amount in _amounts(fields)],
    )
    return orjson.dumps([_without_nulls_at_end(part) for part in parts])


def content_hash(report: ComplaintReport) -> bytes:
    """Return 16 bytes that are equal for equal content."""
    return hashlib.blake2b(content(report), digest_size=16).digest()


def _without_nulls_at_end(part: Sequence[object]) -> Sequence[object]:
    end = len(part)
    while end and part[end - 1] is None:
        end -= 1
    return part[:end]


def yuan(amount: str | None) -> str | None:
    """Return an amount with two decimals."""
    if amount is None:
        return None
    whole, _, cents = amount.partition(".")
    return f"{whole}.{cents:0<2}"
