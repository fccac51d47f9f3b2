"""The order of contents that come in lists without revision numbers: which of two contents of a complaint is the newer one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.intake.domain.decision import ComplaintState
from services.intake.domain.report import Listing
from shared.contracts.reports import ComplaintReport, Status

HASH_SIZE = 16
MAX_CONTENTS = 32
"""Contents of a complaint that are remembered, the newest; an older list with one of them changes nothing."""

_PROGRESS = {Status.RECEIVED: 0, Status.ACCEPTED: 1, Status.MEDIATING: 2, Status.REJECTED: 3, Status.CLOSED: 4}


class ListedState(NamedTuple):
    """What lists have shown of a complaint: when last, how far it had come, and the hashes of its contents, oldest first."""

    moment: datetime
    latest: datetime
    progress: int
    contents: bytes

    def has_shown(self, content: bytes) -> bool:
        """Return whether a list has shown this content before."""
        return any(self.contents[at : at + HASH_SIZE] == content for at in range(0, len(self.contents), HASH_SIZE))


def assign_revision(
    state: ComplaintState | None, listed: ListedState | None, report: ComplaintReport, content: bytes, listing: Listing
) -> int | None:
    """Return the revision number that a listed content gets; None where it is older than what is stored.

    The same content is no new revision. An older list never wins. Of two that are equally old the one imported later does,
    unless its content was shown before, or shows the complaint at an earlier stage while nothing certain says it is newer.
    """
    if state is None:
        return 1
    if content == state.content_hash:
        return state.source_revision
    if listed is not None and _is_older(listed, report, content, listing):
        return None
    return state.source_revision + 1


def _is_older(listed: ListedState, report: ComplaintReport, content: bytes, listing: Listing) -> bool:
    if listing.moment != listed.moment:
        is_copy = not listing.is_certain and listed.has_shown(content)
        return listing.moment < listed.moment or is_copy
    is_earlier_stage = not listing.is_certain and stage_of(report) < (listed.latest, listed.progress)
    return listed.has_shown(content) or is_earlier_stage


def stage_of(report: ComplaintReport) -> tuple[datetime, int]:
    """Return how far a complaint has come: the latest moment that its report names, and its status in order."""
    moments = (report.received_at, report.accepted_at, report.closed_at)
    return max(moment for moment in moments if moment is not None), _PROGRESS[report.status]


def advance(listed: ListedState | None, report: ComplaintReport, content: bytes, listing: Listing) -> ListedState:
    """Return the state after a list has shown a content that is stored."""
    contents = listed.contents if listed else b""
    if listed is None or contents[-HASH_SIZE:] != content:
        contents = (contents + content)[-MAX_CONTENTS * HASH_SIZE :]
    moment = max(listing.moment, listed.moment) if listed else listing.moment
    return ListedState(moment, *stage_of(report), contents)
