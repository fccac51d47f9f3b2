"""What an applicant is told by mail."""

from __future__ import annotations

from enum import StrEnum

# Of the key that encrypts addresses.
PURPOSE = "mail of applications"


class NoticeKind(StrEnum):
    """What has happened: it was received, more evidence is asked for, the day of the reply moved, it was decided."""

    FILED = "filed"
    EVIDENCE_REQUESTED = "evidence_requested"
    DUE_ON_MOVED = "due_on_moved"
    DECIDED = "decided"
