"""A report as it came in: the CloudEvents envelope, the content, and a hash that tells two contents apart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from shared.contracts.reports import ComplaintReport

LINE_PATTERN = r"^[^\x00-\x20\x7f]{1,200}$"
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE_PATTERN)]


class Reported(BaseModel):
    """One report event, CloudEvents 1.0 in structured form; `source` is the hotline's or desk's name."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    specversion: Literal["1.0"]
    id: Line
    source: Line
    type: Literal["gongshi.complaint.reported.v1"]
    time: AwareDatetime | None = None
    data: ComplaintReport


def reported(source: str, event_id: str, data: ComplaintReport) -> Reported:
    """Return a report event of parts that were checked before."""
    return Reported.model_construct(
        specversion="1.0", id=event_id, source=source, type="gongshi.complaint.reported.v1", time=None, data=data
    )


# In this order for ever: what the contract gains later comes at the end, where it leaves the hashes of older reports alone.
CONTENT = (
    "channel", "external_id", "kind", "ledger", "received_at", "region", "industry", "category", "goods",
    "operator.name", "operator.uscc", "operator.address", "operator.scope", "operator.platform", "operator.site",
    "complainant.name", "complainant.phone", "complainant.id_number", "complainant.address",
    "complainant.consents_to_publish", "complainant.consents_to_direct",
    "title", "text", "amount", "outcome", "accepted_at", "due_at", "closed_at", "recovered", "satisfaction",
    "case_number", "office", "status",
)  # fmt: skip
contents: Callable[[ComplaintReport], tuple[Any, ...]] = attrgetter(*CONTENT)
_MOMENTS = tuple(CONTENT.index(name) for name in ("received_at", "accepted_at", "due_at", "closed_at"))
_AMOUNTS = tuple(CONTENT.index(name) for name in ("amount", "recovered"))


def content_hash(report: ComplaintReport) -> bytes:
    """Return 16 bytes that are equal for equal content, however it was written: moments as moments, money as money.

    The revision is not content. What is not said at the end is left out, so that a field the contract gains with the
    default null changes no hash.
    """
    said = list(contents(report))
    for place in _MOMENTS:
        if said[place] is not None:
            said[place] = said[place].timestamp()
    for place in _AMOUNTS:
        said[place] = yuan(said[place])
    while said[-1] is None:
        said.pop()
    return hashlib.blake2b(orjson.dumps(said), digest_size=16).digest()


def yuan(amount: str | None) -> str | None:
    """Return an amount with two decimals."""
    if amount is None:
        return None
    whole, _, cents = amount.partition(".")
    return f"{whole}.{cents:0<2}"
