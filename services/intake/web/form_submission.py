"""Submission of the clerks' form: a refused one is a dead letter, until the same form is sent again."""

from __future__ import annotations

import orjson

from services.intake.cloudevents import InvalidEvent
from services.intake.domain.findings import create_finding
from services.intake.ingest import IngestResult, Intake
from services.intake.submission import STRUCTURED_HEADERS, Follow, Submission, submit
from services.intake.web.entry_form import SOURCE, SubmittedForm
from shared.contracts.reports import REPORTED
from shared.contracts.topics import REPORTS
from shared.stream import Database, DeadLetterReason, JournalEntry, SubmittedRecord
from shared.stream.dead_letters import mark_resubmitted


async def submit_form(
    database: Database, intake: Intake, form: SubmittedForm, entry: JournalEntry, follow: Follow | None = None
) -> IngestResult:
    """Submit the report of a form and return its result; earlier dead letters of the same form count as replayed."""
    record = _to_record(form)
    findings = tuple(create_finding(field, code) for field, code in form.findings.items())
    event = form.event or InvalidEvent(DeadLetterReason.INVALID, findings)
    async with database.unit_of_work() as uow:
        await mark_resubmitted(uow.connection, record)
    (result,) = await submit(database, intake, Submission("desk", [event], lambda _: record), entry, follow)
    return result


def _to_record(form: SubmittedForm) -> SubmittedRecord:
    """Return the form as a report event, with what the clerk typed."""
    number = form.values["number"]
    content = {"specversion": "1.0", "id": number, "source": SOURCE, "type": REPORTED, "data": form.data}
    return SubmittedRecord(REPORTS, "desk", f"{SOURCE}|{number}".encode(), STRUCTURED_HEADERS, orjson.dumps(content))
