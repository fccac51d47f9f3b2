"""What a new form means for an item: a first draft, a draft replaced, a new version, a draft that is moot, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.publisher.domain.form import Form
from shared.contracts import Board


class State(StrEnum):
    """The states of a version."""

    DRAFT = "draft"
    RETURNED = "returned"
    APPROVED = "approved"
    RELEASED = "released"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class Purpose(StrEnum):
    """What releasing a version does."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class AtHand:
    """One version of an item as it stands."""

    version: int
    state: State
    purpose: Purpose
    form: Form


@dataclass(frozen=True, slots=True)
class Existing:
    """An item: the version at work, the version in public, the highest number given out.

    `declined` is that highest version, where people decided not to publish it.
    """

    item_id: str
    board: Board
    open: AtHand | None
    public: AtHand | None
    last: int
    declined: AtHand | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Write this form as this version, over the open one when it has the same number."""

    version: int
    form: Form


@dataclass(frozen=True, slots=True)
class Moot:
    """The open version says what is public anyway: close it."""

    version: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Leave the item as it is."""


Outcome = Draft | Moot | Nothing


def decide(existing: Existing | None, form: Form, reason_code: str, reason: str) -> Outcome:
    """Return what to do with a new form of an item; the reason is told if it changes what is public."""
    if existing is None:
        return Draft(1, form)
    opened, public = existing.open, existing.public
    if _withdrawn(public) or (opened and opened.purpose is Purpose.WITHDRAW):
        return Nothing()
    if public:
        if not form.changes_from(public.form):
            return Moot(opened.version) if opened else Nothing()
        form = form.revising(public.form, reason_code, reason)
    if opened is None:
        # What was decided not to be published is not proposed again until it says something else.
        declined = existing.declined
        return Nothing() if declined and not form.changes_from(declined.form) else Draft(existing.last + 1, form)
    if not form.changes_from(opened.form) and form.reason_code == opened.form.reason_code:
        return Nothing()
    return Draft(opened.version, form)


def _withdrawn(public: AtHand | None) -> bool:
    return public is not None and public.purpose is Purpose.WITHDRAW
