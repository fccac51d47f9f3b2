"""Decides what a new form of an item brings about: a first draft, a draft replaced, a new version, a draft dropped, nothing."""

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
class VersionContent:
    """The content and state of one version of an item."""

    version: int
    state: State
    purpose: Purpose
    form: Form


@dataclass(frozen=True, slots=True)
class ItemVersions:
    """An item with its open version, its public version and its highest version number.

    `declined` is the version of that number where people decided not to publish it.
    """

    item_id: str
    board: Board
    open: VersionContent | None
    public: VersionContent | None
    last: int
    declined: VersionContent | None = None


@dataclass(frozen=True, slots=True)
class WriteVersion:
    """Write this form as this version, over the open one when it has the same number."""

    version: int
    form: Form


@dataclass(frozen=True, slots=True)
class DropDraft:
    """Reject the open version, whose content is public already."""

    version: int


@dataclass(frozen=True, slots=True)
class NoChange:
    """Leave the item as it is."""


Outcome = WriteVersion | DropDraft | NoChange


def decide(item: ItemVersions | None, form: Form, reason_code: str, reason: str) -> Outcome:
    """Return what to do with a new form of an item; the reason is published where the form changes what is public."""
    if item is None:
        return WriteVersion(1, form)
    open_version, public = item.open, item.public
    if _is_withdrawn(public) or (open_version and open_version.purpose is Purpose.WITHDRAW):
        return NoChange()
    if public:
        if not form.changes_from(public.form):
            return DropDraft(open_version.version) if open_version else NoChange()
        form = form.as_revision_of(public.form, reason_code, reason)
    if open_version is None:
        # A declined version is not proposed again until its content changes.
        declined = item.declined
        return NoChange() if declined and not form.changes_from(declined.form) else WriteVersion(item.last + 1, form)
    if not form.changes_from(open_version.form) and form.reason_code == open_version.form.reason_code:
        return NoChange()
    return WriteVersion(open_version.version, form)


def _is_withdrawn(public: VersionContent | None) -> bool:
    return public is not None and public.purpose is Purpose.WITHDRAW
