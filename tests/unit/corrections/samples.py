"""An item, a complaint and a form to test with; all invented."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from services.corrections.domain import Applicant, Application, ComplaintFact, Filing, PublishedItem, file_application
from shared.calendar import Calendar
from shared.contracts import ApplicationKind, Board, Channel, ItemState, Outcome, PublicItem, PublicOperator, Status
from shared.rules import RuleBook

TODAY = date(2026, 9, 18)
AT = datetime(2026, 9, 18, 2, 12, tzinfo=UTC)
USCC = "91330106MA2CCMW406"
OTHER_USCC = "91330108MA27XTQC62"
RULES = RuleBook.load(Path(__file__).parents[3] / "deploy" / "rules" / "gongshi.yaml").in_force(TODAY)
CALENDAR = Calendar.load()
COMPLAINT = UUID(int=7)


def item(*, state: ItemState = ItemState.RELEASED, version: int = 2, period: str | None = None) -> PublishedItem:
    """Return a major item, or a basic one when it has a period."""
    return PublishedItem(
        PublicItem(
            item_id="GS-2026-0918",
            board=Board.BASIC if period else Board.MAJOR,
            version=version,
            state=state,
            title="悦动健身储物柜押金争议",
            summary=None,
            content={
                "amount": "8640.00",
                "issue": "消费者要求退还押金。",
                "complaints": 12,
                "flag": True,
                "many": [],
                "outcome": "failed",
            },
            operator=PublicOperator(key=USCC, name="云州悦动健身服务有限公司", uscc=USCC),
            period=period,
            complaint_id=str(COMPLAINT),
            first_released_at=AT,
            released_at=AT,
            rules_version="2018-01-01",
        )
    )


def filing(
    *,
    kind: ApplicationKind = ApplicationKind.CORRECTION,
    uscc: str = USCC,
    reason_code: str | None = "A01",
    field: str | None = "amount",
    value: str | None = "8460.00",
    statement: str = "其中1份押金在投诉前已退还。",
    contact_name: str = "林嘉",
    contact_phone: str = "139 0000 0000",
) -> Filing:
    """Return a form that can be taken."""
    applicant = Applicant("云州悦动健身服务有限公司", uscc, contact_name, contact_phone)
    return Filing(UUID(int=1), "GS-2026-0918", kind, applicant, reason_code, field, value, statement).normalize()


def application(form: Filing | None = None) -> Application:
    """Return a filed application."""
    return file_application(
        form or filing(), item(), RULES, CALENDAR, application_id=UUID(int=2), number=431, at=AT, today=TODAY
    )


def complaint(status: Status = Status.CLOSED, outcome: Outcome | None = Outcome.FAILED) -> ComplaintFact:
    """Return a complaint about the item's operator."""
    return ComplaintFact(
        COMPLAINT, 3, USCC, "12345-1", Channel.HOTLINE_12345, date(2026, 9, 1), status, outcome, Decimal("8640.00")
    )
