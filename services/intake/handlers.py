"""The subscriptions of intake and their handlers."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.cloudevents import decode
from services.intake.domain.report import ReportEvent
from services.intake.ingest import REDACTION_FAILED, Ingested, Intake, Refused
from shared.contracts.topics import REPORTS
from shared.stream import DeadLetterReason, ReceivedEvent, Subscription, UnitOfWork

# Where many reports wait, revisions of one complaint are often in the same 4,000: an eighth fewer are emitted than of 2,000.
BATCH_FACTOR = 2


def subscriptions(intake: Intake) -> list[Subscription]:
    """Return the table of subscriptions. Producers are untrusted: a flood of bad records must not stop the service."""

    async def ingest_reports(uow: UnitOfWork, reports: Sequence[ReceivedEvent[ReportEvent]]) -> None:
        results = await intake.ingest(uow, [received.event for received in reports], "kafka")
        for received, result in zip(reports, results, strict=True):
            match result:
                case Refused(reason, findings):
                    uow.refuse(received, reason, *findings)
                case Ingested(warnings) if warnings:
                    uow.refuse(received, DeadLetterReason.REDACTION_FAILED, REDACTION_FAILED)
                case _:
                    pass

    return [
        Subscription(
            REPORTS,
            decode,
            {ReportEvent: ingest_reports},
            untrusted_producers=True,
            batch_factor=BATCH_FACTOR,
            lingers_longer=False,
        )
    ]
