"""Redaction of the reports of a batch: fail closed, and away from the event loop where many come at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from services.intake.domain.decision import ComplaintChange
from services.intake.domain.report import ReportEvent
from services.intake.redaction import RedactedReport, redact
from services.intake.redaction.report import withhold
from shared import metrics

log = structlog.get_logger(__name__)

# Fewer are redacted within some milliseconds.
MANY = 10


def redact_or_withhold(event: ReportEvent) -> RedactedReport:
    """Redact; withhold the texts on any error (fail closed)."""
    try:
        return redact(event.data)
    except Exception as error:
        # No traceback: it could quote the text.
        log.error("redaction_failed", error=type(error).__name__)  # noqa: TRY400
        metrics.REDACTION_WITHHELD.inc()
        return withhold(event.data)


async def redact_aside(reports: Sequence[ReportEvent], changes: Iterable[ComplaintChange]) -> dict[int, RedactedReport]:
    """Redact the changed reports of a batch in a thread, by index: pages and the health check are answered meanwhile.

    Nothing of few. The batches of Kafka come one after another, and a thread would cost them.
    """
    indices = [change.report_index for change in changes if change.report_index is not None]
    if len(indices) < MANY:
        return {}
    return await asyncio.to_thread(lambda: {index: redact_or_withhold(reports[index]) for index in indices})
