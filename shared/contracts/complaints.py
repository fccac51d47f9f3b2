"""Events of intake: a normalised, redacted revision of one complaint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.contracts.envelope import Event, Headers
from shared.contracts.reports import Channel, Kind, Ledger, Outcome, SaleMode, Status

COMPLAINTS = "gongshi.complaints"


class Redaction(StrEnum):
    """What became of the personal data in title and text."""

    CLEAN = "clean"
    REDACTED = "redacted"
    WITHHELD = "withheld"


class ComplaintOperator(BaseModel):
    """The operator complained of. `key` is the USCC where it is known, else a provisional `N-…` key for the name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    name: str
    uscc: str | None = None
    address: str | None = None
    scope: str | None = None
    platform: str | None = None
    site: str | None = None


class ComplaintFacts(Event):
    """The part of a complaint revision that can be counted; readers that need no text parse only this.

    `revision` is intake's own and grows by one with every change of the complaint; days are those of the setting's
    time zone; `amount` and `recovered` are yuan as decimal strings; `accepted` means ever accepted.
    """

    type: ClassVar[str] = "gongshi.complaint.revised.v1"
    topic: ClassVar[str] = COMPLAINTS

    complaint_id: UUID
    revision: int
    source: str
    external_id: str
    kind: Kind
    channel: Channel
    received_on: date
    region: str | None
    industry: str | None
    category: str | None
    operator: ComplaintOperator
    status: Status
    outcome: Outcome | None
    accepted: bool
    accepted_on: date | None
    closed_on: date | None
    amount: str | None
    recovered: str | None
    satisfaction: int | None = None
    duplicate_of: UUID | None = None
    consents_to_direct: bool = False
    case_number: str | None = None
    office: str | None = None
    sale_mode: SaleMode | None = None

    def key(self) -> str:
        """Return the operator key."""
        return self.operator.key


class ComplaintRevised(ComplaintFacts):
    """A complaint as it stands now: facts, and what may be read by people once personal data is gone from it."""

    headers: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "ce_amount": "The amount involved in yuan, where there is one.",
            "ce_harm": "Whether words or category may describe harm to a person: the digest of the rules that were asked, a "
            "colon, 1 or 0. Without it, or with the digest of other rules, the record has to be searched.",
        }
    )

    ledger: Ledger | None
    received_at: AwareDatetime
    due_on: date | None = None
    goods: str | None
    title: str | None
    text: str | None
    redaction: Redaction
    unmapped: tuple[str, ...] = ()
    consents_to_publish: bool = False
    goods_class: str | None = None
    demand: str | None = None

    def extension_headers(self) -> Headers:
        """Return the amount involved (yuan) as a header: the publisher filters major complaints by it."""
        return (("ce_amount", self.amount.encode()),) if self.amount else ()
