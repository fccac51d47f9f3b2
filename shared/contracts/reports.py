"""Events of hotlines, desks and platforms: a complaint report, `gongshi.complaint.reported.v1`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

REPORTED = "gongshi.complaint.reported.v1"


class Channel(StrEnum):
    """Where a complaint came in (渠道)."""

    HOTLINE_12345 = "hotline_12345"
    HOTLINE_12315 = "hotline_12315"
    HOTLINE_12331 = "hotline_12331"
    HOTLINE_12365 = "hotline_12365"
    PLATFORM = "platform"
    ON_SITE = "on_site"
    LETTER = "letter"
    OTHER = "other"


class Kind(StrEnum):
    """A dispute (投诉) or a report of an offence (举报)."""

    COMPLAINT = "complaint"
    TIP_OFF = "tip_off"


class Ledger(StrEnum):
    """The part of the ledger (台账): dispatched by the platform, or received directly."""

    DISPATCHED = "dispatched"
    RECEIVED = "received"


class Status(StrEnum):
    """How far the handling office has come."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MEDIATING = "mediating"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a closed complaint ended."""

    MEDIATED = "mediated"
    SELF_SETTLED = "self_settled"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    # Sources that tell the two apart say which; the national platform has one word for both.
    SETTLED_OR_WITHDRAWN = "settled_or_withdrawn"


class SaleMode(StrEnum):
    """How the goods or the service were bought (销售方式)."""

    IN_STORE = "in_store"
    ONLINE = "online"
    OTHER = "other"


Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Long = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Yuan = Annotated[str, StringConstraints(pattern=r"^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?$")]

_STRICT = ConfigDict(frozen=True, extra="ignore", strict=True)


class ReportedOperator(BaseModel):
    """The operator as the consumer or the clerk named it."""

    model_config = _STRICT

    name: Short
    uscc: Annotated[str, StringConstraints(max_length=64)] | None = None
    address: Long | None = None
    scope: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] | None = None
    platform: Short | None = None
    site: Short | None = None


class Complainant(BaseModel):
    """Who complained. Personal data: nothing of this leaves intake but the two consents."""

    model_config = _STRICT

    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    phone: Annotated[str, StringConstraints(max_length=64)] | None = None
    id_number: Annotated[str, StringConstraints(max_length=64)] | None = None
    address: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    consents_to_publish: bool = False
    consents_to_direct: bool = False


class ComplaintReport(BaseModel):
    """One report of a complaint or tip-off, as a source sends it. Times with offset, money in yuan as decimal strings.

    `goods_class` is the class of the goods or the service (客体类别), its levels with `->` between; `demand` what is demanded.
    """

    model_config = _STRICT
    type: ClassVar[str] = REPORTED

    channel: Channel
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    revision: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    kind: Kind
    ledger: Ledger | None = None
    received_at: AwareDatetime
    region: Code | None = None
    industry: Code | None = None
    category: Short | None = None
    goods: Short | None = None
    operator: ReportedOperator
    complainant: Complainant = Complainant()
    title: Short | None = None
    text: Text | None = None
    amount: Yuan | None = None
    status: Status
    outcome: Outcome | None = None
    accepted_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    recovered: Yuan | None = None
    satisfaction: Annotated[int, Field(ge=1, le=5)] | None = None
    case_number: Code | None = None
    office: Code | None = None
    goods_class: Short | None = None
    sale_mode: SaleMode | None = None
    demand: Short | None = None

    @model_validator(mode="after")
    def check_text(self) -> ComplaintReport:
        """Reject a report that has neither title nor text."""
        if self.title is None and self.text is None:
            raise ValueError("title or text is required")
        return self
