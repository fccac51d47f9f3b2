"""A report as it came in: the CloudEvents envelope, the content, and a hash that tells two contents apart."""

from __future__ import annotations

import hashlib
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


def content_hash(report: ComplaintReport) -> bytes:
    """Return 16 bytes that are equal for equal content, however it was written.

    Moments count as moments, money as money, and what is null or false as not said: a field that the contract gains later,
    with such a default, leaves the hashes of older reports as they are. The revision is not content.
    """
    said = _said(report)
    del said["revision"]
    for name in _MOMENTS & said.keys():
        said[name] = said[name].timestamp()
    for name in _AMOUNTS & said.keys():
        said[name] = yuan(said[name])
    said["operator"], said["complainant"] = _said(report.operator), _said(report.complainant)
    return hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


_MOMENTS = frozenset({"received_at", "accepted_at", "due_at", "closed_at"})
_AMOUNTS = frozenset({"amount", "recovered"})


def _said(model: BaseModel) -> dict[str, Any]:
    return {name: value for name, value in model.__dict__.items() if value is not None and value is not False}


def yuan(amount: str | None) -> str | None:
    """Return an amount with two decimals."""
    if amount is None:
        return None
    whole, _, cents = amount.partition(".")
    return f"{whole}.{cents:0<2}"
