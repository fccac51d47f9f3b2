"""The subscriptions of intake and their handlers."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.cloudevents import decode
from services.intake.domain.report import ReportEvent
from services.intake.domain.signatures import EVERYBODY, SignaturePolicy
from services.intake.ingest import REDACTION_FAILED, Ingested, Intake, Refused
from services.intake.store.source_keys import fetch_signing_keys
from shared import security_events
from shared.contracts.topics import REPORTS
from shared.security_events import SecurityEvent
from shared.stream import DeadLetterReason, ReceivedEvent, Subscription, UnitOfWork
from shared.stream.record import header_value
from shared.stream.signature import HEADER

# Several revisions of a complaint within a batch become one: of reports in the order of time, an eighth fewer complaints are
# emitted from batches of 4,000 than from batches of 2,000.
BATCH_FACTOR = 2


def subscriptions(intake: Intake, unsigned: tuple[str, ...] = (EVERYBODY,)) -> list[Subscription]:
    """Return the table of subscriptions.

    `unsigned`: the sources that need not sign what they report over Kafka.
    """

    async def ingest_reports(uow: UnitOfWork, received_reports: Sequence[ReceivedEvent[ReportEvent]]) -> None:
        policy = SignaturePolicy(await fetch_signing_keys(uow.connection), unsigned)
        reports = received_reports if policy.is_void else _refuse_unproven(uow, policy, received_reports)
        if not reports:
            return
        results = await intake.ingest(uow, [received.event for received in reports], "kafka")
        for received, result in zip(reports, results, strict=True):
            match result:
                case Refused(reason, findings):
                    uow.refuse(received, reason, *findings)
                case Ingested(warnings) if warnings:
                    uow.refuse(received, DeadLetterReason.REDACTION_FAILED, REDACTION_FAILED)
                case _:
                    pass

    return [Subscription(REPORTS, decode, {ReportEvent: ingest_reports}, batch_factor=BATCH_FACTOR)]


def _refuse_unproven(
    uow: UnitOfWork, policy: SignaturePolicy, reports: Sequence[ReceivedEvent[ReportEvent]]
) -> list[ReceivedEvent[ReportEvent]]:
    """Refuse the reports that are not from the source that they name, and return the others."""
    proven = []
    for received in reports:
        record, event = received.record, received.event
        fault = policy.find_fault(event.source, event.id, record.value or b"", header_value(record, HEADER))
        if fault is None:
            proven.append(received)
            continue
        security_events.report(SecurityEvent.REPORT_FORGED, partition=record.partition, offset=record.offset)
        uow.refuse(received, DeadLetterReason.INVALID, fault)
    return proven
