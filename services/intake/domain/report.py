"""A report event as received: the CloudEvents envelope, the content, and a hash of the content."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from msgspec import structs, to_builtins
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from services.intake.domain.report_struct import ComplainantStruct, OperatorStruct, ReportStruct
from shared.contracts.reports import Complainant, ComplaintReport, ReportedOperator

Report = ComplaintReport | ReportStruct
"""A valid report, as pydantic or a struct has read it: with the same fields and values."""
Operator = ReportedOperator | OperatorStruct
ComplainantFields = Complainant | ComplainantStruct

URL_ALPHABET = str.maketrans("-_", "+/")
LINE_PATTERN = r"^[^\x00-\x20\x7f]{1,200}$"
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE_PATTERN)]


class ListDate(NamedTuple):
    """The date of a content in a list. `is_certain`: its source says so; a file's own date may be that of a copy."""

    moment: datetime
    is_certain: bool


@dataclass(slots=True)
class ReportEvent:
    """One report event: `source` is the name of the hotline or desk, `id` the event's, unique within its source.

    `is_escape_free`: its JSON has no escape sequence, so that no text holds a control character. `list_date`: what orders its
    content where it has no revision number.
    """

    source: str
    id: str
    data: Report
    is_escape_free: bool = False
    list_date: ListDate | None = None


def report_key(event: ReportEvent) -> bytes:
    """Return the key of the report's record: source and external id, so that its revisions stay in order."""
    return f"{event.source}|{event.data.external_id}".encode()


# An escape, and what characters that no text may hold begin or end with in UTF-8: DEL, C1, embeddings and isolates of
# direction, noncharacters. Others that share these bytes are looked at one by one.
_SUSPECT = (
    b"\\", b"\x7f", b"\xc2", b"\xe2\x80\xaa", b"\xe2\x80\xab", b"\xe2\x80\xac", b"\xe2\x80\xad", b"\xe2\x80\xae", b"\xe2\x81",
    b"\xef\xb7", b"\xbf\xbe", b"\xbf\xbf",
)  # fmt: skip


def is_escape_free(body: bytes) -> bool:
    """Return whether a JSON document has no escape sequence, and no character that no text may hold, as far as is easily seen.

    What no text may hold is not printable, which is seen in a fifth of the time that a search for the single bytes takes.
    """
    return b"\\" not in body and (_is_printable(body) or not any(part in body for part in _SUSPECT))


def _is_printable(body: bytes) -> bool:
    try:
        return body.decode().isprintable()
    except UnicodeDecodeError:
        return False


class EventEnvelope(BaseModel):
    """The context of a report event in the structured mode of CloudEvents 1.0."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    specversion: Literal["1.0"]
    id: Line
    source: Line
    type: Literal["gongshi.complaint.reported.v1"]
    time: AwareDatetime | None = None


class StructuredReportEvent(EventEnvelope):
    """A report event with its content as JSON."""

    data: ComplaintReport

    def to_report_event(self, *, is_escape_free: bool) -> ReportEvent:
        """Return the event without its envelope."""
        return ReportEvent(self.source, self.id, self.data, is_escape_free)


class Base64ReportEvent(EventEnvelope):
    """A report event with its content as Base64, as SDKs write content that they were given as bytes."""

    data_base64: str

    def decode_content(self) -> bytes:
        """Return the bytes of the content. Line breaks, the alphabet of URLs and missing padding are accepted.

        Raises `ValueError` where it is no Base64.
        """
        text = "".join(self.data_base64.split()).translate(URL_ALPHABET).rstrip("=")
        return b64decode(text + "=" * (-len(text) % 4), validate=True)


# The order is part of the hash: a field that the contract gains goes to the end of its part. The revision is not content.
TEXT_FIELDS = (
    "channel", "external_id", "kind", "ledger", "region", "industry", "category", "goods", "title", "text", "outcome",
    "satisfaction", "case_number", "office", "status", "goods_class", "sale_mode", "demand",
)  # fmt: skip
OPERATOR_FIELDS = ("name", "uscc", "address", "scope", "platform", "site")
COMPLAINANT_FIELDS = ("name", "phone", "id_number", "address", "consents_to_publish", "consents_to_direct")
TIME_FIELDS = ("received_at", "accepted_at", "due_at", "closed_at")
AMOUNT_FIELDS = ("amount", "recovered")
_select_texts, _select_times, _select_amounts = attrgetter(*TEXT_FIELDS), attrgetter(*TIME_FIELDS), attrgetter(*AMOUNT_FIELDS)
_select_operator, _select_complainant = attrgetter(*OPERATOR_FIELDS), attrgetter(*COMPLAINANT_FIELDS)


def canonical_content(report: Report) -> bytes:
    """Return the content in one form, however it was written: times as seconds since 1970, money with two decimals.

    Trailing nulls of each part are dropped, so that a field that the contract gains with the default null changes no hash.
    """
    parts: tuple[Sequence[object], ...] = (
        _select_texts(report),
        _select_operator(report.operator),
        _select_complainant(report.complainant),
        [time and time.timestamp() for time in _select_times(report)],
        [format_yuan(amount) for amount in _select_amounts(report)],
    )
    return orjson.dumps([_drop_trailing_nulls(part) for part in parts])


def content_hash(report: Report) -> bytes:
    """Return the BLAKE2b hash of the content, 16 bytes."""
    return hashlib.blake2b(canonical_content(report), digest_size=16).digest()


def _drop_trailing_nulls(part: Sequence[object]) -> Sequence[object]:
    end = len(part)
    while end and part[end - 1] is None:
        end -= 1
    return part[:end]


def with_revision(report: Report, revision: int) -> Report:
    """Return the report with another revision number."""
    if isinstance(report, ReportStruct):
        return structs.replace(report, revision=revision)
    return report.model_copy(update={"revision": revision})


def to_json_fields(report: Report) -> dict[str, Any]:
    """Return the fields of the report as JSON has them."""
    if isinstance(report, ReportStruct):
        fields: dict[str, Any] = to_builtins(report)
        return fields
    return report.model_dump(mode="json")


def format_yuan(amount: str | None) -> str | None:
    """Return an amount in yuan with two decimals."""
    if amount is None:
        return None
    whole, _, cents = amount.partition(".")
    return f"{whole}.{cents:0<2}"
