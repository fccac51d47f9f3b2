"""The one public projection: maps a reviewed version of an item to its public form.

Pages, feeds, screens, the JSON API and the topic all carry what these functions return; nothing else maps an item to its
public form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.publisher.domain.form import Form
from services.publisher.domain.major import CONSUMER_WORDS
from shared.contracts import Board, ItemState, PublicItem


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """What a release adds to the form. `supersedes` is the version that was public before, `first_released_at` of the first."""

    item_id: str
    board: Board
    version: int
    released_at: datetime
    first_released_at: datetime
    supersedes: int | None
    expires_on: date | None
    rules_version: str


def public_item(form: Form, details: ReleaseDetails) -> PublicItem:
    """Return the public form of a reviewed version."""
    return PublicItem(
        **form.model_dump(),
        item_id=details.item_id,
        board=details.board,
        version=details.version,
        state=ItemState.RELEASED if details.supersedes is None else ItemState.CORRECTED,
        first_released_at=details.first_released_at,
        released_at=details.released_at,
        expires_on=details.expires_on,
        supersedes=details.supersedes,
        rules_version=details.rules_version,
    )


def withdrawn_item(form: Form, details: ReleaseDetails) -> PublicItem:
    """Return the public form of a withdrawn item: its number, when and why; no title, no content, no operator."""
    return PublicItem(
        **Form(reason_code=form.reason_code, reason=form.reason).model_dump(),
        item_id=details.item_id,
        board=details.board,
        version=details.version,
        state=ItemState.WITHDRAWN,
        first_released_at=details.first_released_at,
        released_at=details.released_at,
        supersedes=details.supersedes,
        rules_version=details.rules_version,
    )


def public_history(versions: Sequence[PublicItem]) -> list[PublicItem]:
    """Return the versions of an item, newest first, as its history shows them.

    Of a withdrawn item the earlier ones keep number, state and day: their changes and reasons quote what was withdrawn.
    Changes of a consumer's words are left out of every version before the one that took the words away.
    """
    if versions and versions[0].state is ItemState.WITHDRAWN:
        newest, *earlier = versions
        return [newest, *(item.model_copy(update={"changes": (), "reason_code": None, "reason": None}) for item in earlier)]
    shown, concealed = list[PublicItem](), set[str]()
    for item in versions:
        changes = tuple(change for change in item.changes if change[0] not in concealed)
        shown.append(item.model_copy(update={"changes": changes}))
        concealed |= {name for name, old, _ in item.changes if name in CONSUMER_WORDS and old is None}
    return shown


def with_current_state(item: PublicItem, today: date, *, under_review: bool) -> PublicItem:
    """Return the item with its state of `today`: expired past its term, and whether an application is pending."""
    expired = item.state is not ItemState.WITHDRAWN and item.expires_on is not None and item.expires_on < today
    return item.model_copy(update={"state": ItemState.EXPIRED if expired else item.state, "under_review": under_review})
