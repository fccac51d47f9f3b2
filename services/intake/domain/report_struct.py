"""The contract of a report as msgspec structs, which read the JSON of nearly all reports in half the time of pydantic.

A struct is stricter than the contract, never looser: a field that the contract does not name, another notation, anything in
doubt is left to pydantic, which alone says what is wrong. So whatever a struct reads, pydantic reads, to the same values.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from shared.contracts.reports import Channel, Kind, Ledger, Outcome, SaleMode, Status

Code = Annotated[str, Meta(min_length=1, max_length=64)]
Short = Annotated[str, Meta(min_length=1, max_length=200)]
Long = Annotated[str, Meta(min_length=1, max_length=1_000)]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
# \Z and not $, before which Python's patterns allow a line break.
Yuan = Annotated[str, Meta(pattern=r"^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?\Z")]
Line = Annotated[str, Meta(pattern=r"^[^\x00-\x20\x7f]{1,200}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
# A fraction that msgspec would round up to the next second, however many digits it has.
ALMOST_A_SECOND = b"999999"


class OperatorStruct(Struct, frozen=True, forbid_unknown_fields=True):
    """The operator as the consumer or the clerk named it."""

    name: Short
    uscc: Annotated[str, Meta(max_length=64)] | None = None
    address: Long | None = None
    scope: Annotated[str, Meta(min_length=1, max_length=4_000)] | None = None
    platform: Short | None = None
    site: Short | None = None


class ComplainantStruct(Struct, frozen=True, forbid_unknown_fields=True):
    """Who complained: personal data."""

    name: Annotated[str, Meta(max_length=200)] | None = None
    phone: Annotated[str, Meta(max_length=64)] | None = None
    id_number: Annotated[str, Meta(max_length=64)] | None = None
    address: Annotated[str, Meta(max_length=1_000)] | None = None
    consents_to_publish: bool = False
    consents_to_direct: bool = False


class ReportStruct(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One report of a complaint or tip-off, as a source sends it."""

    channel: Channel
    external_id: Annotated[str, Meta(min_length=1, max_length=128)]
    revision: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    kind: Kind
    ledger: Ledger | None = None
    received_at: Moment
    region: Code | None = None
    industry: Code | None = None
    category: Short | None = None
    goods: Short | None = None
    operator: OperatorStruct
    complainant: ComplainantStruct = ComplainantStruct()
    title: Short | None = None
    text: Text | None = None
    amount: Yuan | None = None
    status: Status
    outcome: Outcome | None = None
    accepted_at: Moment | None = None
    due_at: Moment | None = None
    closed_at: Moment | None = None
    recovered: Yuan | None = None
    satisfaction: Annotated[int, Meta(ge=1, le=5)] | None = None
    case_number: Code | None = None
    office: Code | None = None
    goods_class: Short | None = None
    sale_mode: SaleMode | None = None
    demand: Short | None = None


class EventStruct(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A report event in the structured mode of CloudEvents 1.0, without extension attributes."""

    specversion: Literal["1.0"]
    id: Line
    source: Line
    type: Literal["gongshi.complaint.reported.v1"]
    time: Moment | None = None
    subject: str | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    data: ReportStruct


_read_report = msgspec.json.Decoder(ReportStruct).decode
_read_event = msgspec.json.Decoder(EventStruct).decode


def read_report(body: bytes) -> ReportStruct | None:
    """Return the content of an event, or None where pydantic has to read it."""
    try:
        report = _read_report(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return report if _is_certain(report, body) else None


def read_event(body: bytes) -> EventStruct | None:
    """Return an event in structured mode, or None where pydantic has to read it."""
    try:
        event = _read_event(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return event if _is_certain(event.data, body) else None


def _is_certain(report: ReportStruct, body: bytes) -> bool:
    """Return whether the report has a title or a text, and whole seconds only: msgspec rounds fractions, pydantic cuts them."""
    for moment in (report.received_at, report.accepted_at, report.due_at, report.closed_at):
        if moment is not None and moment.microsecond:
            return False
    return (report.title is not None or report.text is not None) and ALMOST_A_SECOND not in body
