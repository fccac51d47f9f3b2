"""Decides what a new form of an item brings about: a draft, a new version, a withdrawal, a new item, a draft dropped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.publisher.domain.form import Form
from services.publisher.domain.urgency import contradicts
from shared.contracts import Board

# Who drafts what no person drafted.
DRAFTER = "publisher"


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
    """The content and state of one version of an item, who drafted it and under which rules."""

    version: int
    state: State
    purpose: Purpose
    form: Form
    drafted_by: str = DRAFTER
    rules_version: str = ""


@dataclass(frozen=True, slots=True)
class ItemVersions:
    """An item with its open version, its public version and its highest version number.

    `declined` is the version of that number where people decided not to publish it; `last_content` is the form of the newest
    version that was ever public with content, `follows` the withdrawn item in whose place this one was drafted.
    """

    item_id: str
    board: Board
    open: VersionContent | None
    public: VersionContent | None
    last: int
    declined: VersionContent | None = None
    last_content: Form | None = None
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class WriteVersion:
    """Write this form as this version, over the open one when it has the same number.

    `replaces` is the open version of another number to reject first. `urgent`: what is public is not true any more.
    """

    version: int
    form: Form
    purpose: Purpose = Purpose.PUBLISH
    urgent: bool = False
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class DropDraft:
    """Reject the open version, whose content is public already."""

    version: int


@dataclass(frozen=True, slots=True)
class NoChange:
    """Leave the item as it is."""


DraftDecision = WriteVersion | DropDraft | NoChange


def decide(
    item: ItemVersions | None, form: Form, reason_code: str, reason: str, concealed: frozenset[str] = frozenset()
) -> DraftDecision:
    """Return what to do with a new form of an item; the reason is published where the form changes what is public.

    `concealed` are fields whose public value must not be quoted as the old one.
    """
    if item is None:
        return WriteVersion(1, form)
    open_version, public = item.open, item.public
    if _is_withdrawn(public) or is_proposed_withdrawal(open_version):
        return NoChange()
    if public is None:
        return _write(item, form, urgent=False)
    if not form.changes_from(public.form):
        return DropDraft(open_version.version) if open_version else NoChange()
    return _write(item, form.as_revision_of(public.form, reason_code, reason, concealed), urgent=contradicts(public.form, form))


def _write(item: ItemVersions, form: Form, *, urgent: bool) -> DraftDecision:
    """Return under which number a form is written, if it says anything new."""
    open_version = item.open
    if open_version is None:
        # A declined version is not proposed again until its content changes.
        is_declined = item.declined is not None and not form.changes_from(item.declined.form)
        return NoChange() if is_declined else WriteVersion(item.last + 1, form, urgent=urgent)
    if open_version.purpose is Purpose.WITHDRAW:
        # The source stands by the item again, so the withdrawal that it brought about is void.
        return WriteVersion(item.last + 1, form, urgent=urgent, replaces=open_version.version)
    if not form.changes_from(open_version.form) and form.reason_code == open_version.form.reason_code:
        return NoChange()
    return WriteVersion(open_version.version, form, urgent=urgent)


def kept_response(item: ItemVersions, *, is_update: bool) -> str | None:
    """Return the operator's response that stands beside the next version of an item.

    The one that waits for its release stays. One that is public stays where the version says what has happened since, and goes
    where it puts right what the operator responded to.
    """
    if item.open is not None and item.open.purpose is Purpose.PUBLISH:
        return item.open.form.response
    return item.public.form.response if is_update and item.public is not None else None


def decide_withdrawal(item: ItemVersions, reason_code: str, reason: str) -> DraftDecision:
    """Return what to do with an item that can't be public any more: withdraw what is public, drop what is not yet."""
    open_version = item.open
    if item.public is None:
        return DropDraft(open_version.version) if open_version else NoChange()
    if _is_withdrawn(item.public):
        return NoChange()
    form = Form(reason_code=reason_code, reason=reason).without_operator(item.public.form.operator)
    if open_version is None:
        return WriteVersion(item.last + 1, form, Purpose.WITHDRAW, urgent=True)
    if open_version.purpose is Purpose.PUBLISH:
        return WriteVersion(item.last + 1, form, Purpose.WITHDRAW, urgent=True, replaces=open_version.version)
    if open_version.state is State.RETURNED and open_version.drafted_by == DRAFTER:
        return WriteVersion(open_version.version, form, Purpose.WITHDRAW, urgent=True)
    return NoChange()


def needs_new_item(item: ItemVersions, form: Form) -> bool:
    """Return whether a form can't become a version of this item, but only a new item in its place.

    An item stands for one operator, and a withdrawn one stays withdrawn. It makes room where the form is of another operator,
    where no person withdrew it but the source did, which now stands by it again, or where the figures of a month are others
    than those that were withdrawn.
    """
    if item.public is None:
        return False
    content = item.last_content
    if content and content.operator and form.operator and form.operator.key != content.operator.key:
        return True
    if not _is_withdrawn(item.public):
        return False
    is_month = item.board is Board.BASIC and form.complaint_id is None
    is_restated = is_month and content is not None and bool(form.changes_from(content))
    return item.public.drafted_by == DRAFTER or is_restated


def _is_withdrawn(public: VersionContent | None) -> bool:
    return public is not None and public.purpose is Purpose.WITHDRAW


def is_proposed_withdrawal(open_version: VersionContent | None) -> bool:
    """Return whether a person proposed this withdrawal: nothing but the gate decides on it."""
    return open_version is not None and open_version.purpose is Purpose.WITHDRAW and open_version.drafted_by != DRAFTER
