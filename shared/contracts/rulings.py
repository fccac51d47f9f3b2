"""Events of corrections: applications of operators as they are filed and accepted, and the rulings on them."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.contracts.envelope import Event
from shared.contracts.reports import Outcome, Status

RULINGS = "gongshi.rulings"


class ApplicationKind(StrEnum):
    """What an operator asks for: to see (查询), to have corrected (更正), or to respond beside the item (回应)."""

    QUERY = "query"
    CORRECTION = "correction"
    RESPONSE = "response"


class Decision(StrEnum):
    """How an application was decided."""

    UPHELD = "upheld"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class ComplaintEffect(BaseModel):
    """What a ruling changes about one complaint: it no longer counts, or one of its facts is put right."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    complaint_id: UUID
    exclude: bool = False
    status: Status | None = None
    outcome: Outcome | None = None
    amount: str | None = None


class FieldCorrection(BaseModel):
    """What a ruling changes in the public form of an item: a content field and its right value."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    field: str
    value: str


class ApplicationFiled(Event):
    """An operator filed an application on an item. No personal data: who filed it stays in corrections."""

    type: ClassVar[str] = "gongshi.application.filed.v1"
    topic: ClassVar[str] = RULINGS

    application_id: UUID
    receipt: str
    item_id: str
    item_version: int
    kind: ApplicationKind
    filed_at: AwareDatetime
    due_on: str

    def key(self) -> str:
        """Return the item id."""
        return self.item_id


class ApplicationAccepted(Event):
    """The office accepted an application (受理): it found it to be the operator's. Its item is under review from now on.

    Who filed an application is anyone until then, so its filing alone changes nothing in public. It comes again, with another
    `due_on`, where the day of the reply moves.
    """

    type: ClassVar[str] = "gongshi.application.accepted.v1"
    topic: ClassVar[str] = RULINGS

    application_id: UUID
    receipt: str
    item_id: str
    item_version: int
    kind: ApplicationKind
    filed_at: AwareDatetime
    accepted_at: AwareDatetime
    due_on: str

    def key(self) -> str:
        """Return the item id."""
        return self.item_id


class ApplicationWithdrawn(Event):
    """The operator took an application back before it was decided: nothing is under review on its account."""

    type: ClassVar[str] = "gongshi.application.withdrawn.v1"
    topic: ClassVar[str] = RULINGS

    application_id: UUID
    receipt: str
    item_id: str
    withdrawn_at: AwareDatetime

    def key(self) -> str:
        """Return the item id."""
        return self.item_id


class RulingMade(Event):
    """An application was decided, with a written reply. `upheld`: what is published stands.

    `response`: what the operator says beside the item, where the office admits it.
    """

    type: ClassVar[str] = "gongshi.ruling.made.v1"
    topic: ClassVar[str] = RULINGS

    ruling_id: UUID
    application_id: UUID
    receipt: str
    item_id: str
    item_version: int
    kind: ApplicationKind
    operator_key: str | None
    decision: Decision
    reason_code: str
    public_reason: str
    reply_number: str
    effects: tuple[ComplaintEffect, ...] = ()
    corrections: tuple[FieldCorrection, ...] = ()
    response: str | None = None
    decided_at: AwareDatetime
    rules_version: str

    def key(self) -> str:
        """Return the item id."""
        return self.item_id
