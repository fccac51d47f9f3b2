"""What intake does with what it listens to."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.cloudevents import decode
from services.intake.domain.report import Reported
from services.intake.ingest import REDACTION_FAILED, Accepted, Declined, Intake
from shared.contracts.topics import REPORTS
from shared.stream import Reason, Received, Subscription, Unit


def subscriptions(intake: Intake) -> list[Subscription]:
    """Return the table of what is listened to. Strangers write reports, so only our own faults may stop the service."""

    async def take_in_reports(unit: Unit, reports: Sequence[Received[Reported]]) -> None:
        answers = await intake.take_in(unit, [received.event for received in reports], "kafka")
        for received, answer in zip(reports, answers, strict=True):
            match answer:
                case Declined(reason, details):
                    unit.refuse(received, reason, *details)
                case Accepted(warnings) if warnings:
                    unit.refuse(received, Reason.REDACTION_FAILED, REDACTION_FAILED)
                case _:
                    pass

    return [Subscription(REPORTS, decode, {Reported: take_in_reports}, own_faults_only=True)]
