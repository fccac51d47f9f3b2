"""Events of the publisher: versions of public items, as released, corrected or withdrawn."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.contracts.envelope import Event

PUBLICATIONS = "gongshi.publications"


class Board(StrEnum):
    """The six boards (板块)."""

    BASIC = "basic"
    MAJOR = "major"
    ANALYSIS = "analysis"
    WARNINGS = "warnings"
    PENALTIES = "penalties"
    OTHER = "other"


class ItemState(StrEnum):
    """The public state of an item."""

    RELEASED = "released"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class PublicOperator(BaseModel):
    """The operator of an item as the public sees it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    name: str
    uscc: str | None = None
    address: str | None = None
    scope: str | None = None


class PublicItem(BaseModel):
    """One version of an item in its public form; the only form in which anything leaves the publisher.

    `content` holds the fields of its kind, flat and ready to show; a withdrawn item has neither title nor content. `kind` is
    `operator_month` on the basic board, `major_complaint` on the major one, on the others what was drafted at the desk; items
    released before kinds were told have none. `response` is what its operator says beside it, as the office admitted it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    item_id: str
    board: Board
    kind: str | None = None
    version: int
    state: ItemState
    title: str | None
    summary: str | None
    content: dict[str, Any] | None
    operator: PublicOperator | None
    region: str | None = None
    period: str | None = None
    complaint_id: str | None = None
    first_released_at: AwareDatetime
    released_at: AwareDatetime
    expires_on: date | None = None
    under_review: bool = False
    supersedes: int | None = None
    reason_code: str | None = None
    reason: str | None = None
    changes: tuple[tuple[str, str | None, str | None], ...] = ()
    response: str | None = None
    rules_version: str


class ItemEvent(Event):
    """An item's public form changed."""

    topic: ClassVar[str] = PUBLICATIONS

    item: PublicItem

    def key(self) -> str:
        """Return the item id."""
        return self.item.item_id


class ItemReleased(ItemEvent):
    """The first version of an item was released."""

    type: ClassVar[str] = "gongshi.item.released.v1"


class ItemCorrected(ItemEvent):
    """A later version of an item was released and supersedes the one before."""

    type: ClassVar[str] = "gongshi.item.corrected.v1"


class ItemWithdrawn(ItemEvent):
    """An item was withdrawn: every channel removes it."""

    type: ClassVar[str] = "gongshi.item.withdrawn.v1"
