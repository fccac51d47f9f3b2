"""The order of contents that come in lists without revision numbers: which of two contents of a complaint is the newer one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.intake.domain.decision import ComplaintState
from services.intake.domain.report import ListDate, Report
from shared.contracts.reports import Status

HASH_SIZE = 16
MAX_CONTENTS = 32
"""Contents of a complaint that are remembered, the newest; an older list with one of them changes nothing."""

_PROGRESS = {Status.RECEIVED: 0, Status.ACCEPTED: 1, Status.MEDIATING: 2, Status.REJECTED: 3, Status.CLOSED: 4}


class ListHistory(NamedTuple):
    """What lists have shown of a complaint: when last, how far it had come, and the hashes of its contents, oldest first."""

    moment: datetime
    latest: datetime
    progress: int
    contents: bytes

    def has_shown(self, content: bytes) -> bool:
        """Return whether a list has shown this content before."""
        return any(self.contents[at : at + HASH_SIZE] == content for at in range(0, len(self.contents), HASH_SIZE))


def assign_revision(
    state: ComplaintState | None, history: ListHistory | None, report: Report, content: bytes, list_date: ListDate
) -> int | None:
    """Return the revision number that a listed content gets; None where it is older than what is stored.

    The same content is no new revision. An older list never wins. Of two that are equally old the one imported later does,
    unless its content was shown before, or shows the complaint at an earlier stage while nothing certain says it is newer.
    """
    if state is None:
        return 1
    if content == state.content_hash:
        return state.source_revision
    if history is not None and _is_older(history, report, content, list_date):
        return None
    return state.source_revision + 1


def _is_older(history: ListHistory, report: Report, content: bytes, list_date: ListDate) -> bool:
    if list_date.moment != history.moment:
        is_copy = not list_date.is_certain and history.has_shown(content)
        return list_date.moment < history.moment or is_copy
    is_earlier_stage = not list_date.is_certain and find_stage(report) < (history.latest, history.progress)
    return history.has_shown(content) or is_earlier_stage


def find_stage(report: Report) -> tuple[datetime, int]:
    """Return how far a complaint has come: the latest moment that its report names, and its status in order."""
    moments = (report.received_at, report.accepted_at, report.closed_at)
    return max(moment for moment in moments if moment is not None), _PROGRESS[report.status]


def advance(history: ListHistory | None, report: Report, content: bytes, list_date: ListDate) -> ListHistory:
    """Return the state after a list has shown a content that is stored."""
    contents = history.contents if history else b""
    if history is None or contents[-HASH_SIZE:] != content:
        contents = (contents + content)[-MAX_CONTENTS * HASH_SIZE :]
    moment = max(list_date.moment, history.moment) if history else list_date.moment
    return ListHistory(moment, *find_stage(report), contents)
