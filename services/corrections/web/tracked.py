"""An application as its applicant sees it: loaded by its tracking code, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import asyncpg
from fastapi import HTTPException

from services.corrections.domain import Application, ComplaintFact, PublishedItem, Ruling
from services.corrections.store import replicas
from services.corrections.store.applications import EvidenceSummary, list_evidence
from services.corrections.store.case_steps import fetch_disputed
from services.corrections.store.deadlines import DeadlineChange, fetch_deadline_changes
from services.corrections.store.rulings import fetch_rulings
from services.corrections.store.tracking_codes import find_by_code
from services.corrections.web.disputes import shows_complaints


@dataclass(frozen=True, slots=True)
class TrackedApplication:
    """An application with all that its tracking page shows."""

    application: Application
    item: PublishedItem
    evidence: list[EvidenceSummary]
    ruling: Ruling | None
    changes: list[DeadlineChange]
    complaints: list[ComplaintFact]
    disputed: frozenset[UUID]


async def load_tracked(connection: asyncpg.Connection, token: str, at: datetime) -> TrackedApplication:
    """Return the application that a code opens at a moment; 404 without one."""
    application = await find_by_code(connection, token, at)
    item = await replicas.find_item(connection, application.filing.item_id) if application else None
    if application is None or item is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    rulings = await fetch_rulings(connection, [application.application_id])
    return TrackedApplication(
        application,
        item,
        await list_evidence(connection, application.application_id),
        rulings.get(application.application_id),
        await fetch_deadline_changes(connection, application.application_id),
        await replicas.fetch_behind(connection, item) if shows_complaints(application) else [],
        await fetch_disputed(connection, application.application_id),
    )


def to_json(tracked: TrackedApplication) -> dict[str, object]:
    """Return the application for programs, without its applicant."""
    application, ruling = tracked.application, tracked.ruling
    return {
        "application_id": str(application.application_id),
        "receipt": application.receipt,
        "kind": application.filing.kind,
        "item_id": application.filing.item_id,
        "item_version": application.item_version,
        "state": application.state,
        "filed_at": application.filed_at.isoformat(),
        "due_on": application.due_on.isoformat(),
        "provisional": application.provisional,
        "evidence_request": _request(application),
        "extension_workdays": application.extension.workdays if application.extension else 0,
        "deadline_changes": [_deadline_change(change) for change in tracked.changes],
        "evidence": len(tracked.evidence),
        "rules_version": application.rules_version,
        "reply": _reply(ruling) if ruling else None,
    }


def _deadline_change(change: DeadlineChange) -> dict[str, object]:
    return {
        "changed_at": change.changed_at.isoformat(),
        "before": change.before.isoformat(),
        "after": change.after.isoformat(),
        "cause": change.cause,
        "notices": list(change.notices),
    }


def _request(application: Application) -> dict[str, object] | None:
    request = application.evidence_request
    if request is None:
        return None
    answered = request.answered_on and request.answered_on.isoformat()
    return {"words": request.words, "due_on": request.due_on.isoformat(), "answered_on": answered}


def _reply(ruling: Ruling) -> dict[str, object]:
    return {
        "number": ruling.reply_number,
        "decision": ruling.proposal.decision,
        "reason_code": ruling.proposal.reason_code,
        "text": ruling.proposal.reply,
        "decided_at": ruling.decided_at.isoformat(),
        "rules_version": ruling.rules_version,
    }
