"""What the tests of the publisher start from: events of the other services, people at the desk, months that closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID, uuid5

import asyncpg

from shared.accounts import Role, add_person
from shared.contracts import (
    ApplicationAccepted,
    ApplicationWithdrawn,
    ComplaintOperator,
    ComplaintRevised,
    FieldCorrection,
    FigureChanged,
    Measures,
    MonthClosed,
    RulingMade,
)
from shared.stream import ReceivedEvent

AT = datetime(2026, 10, 9, 0, 0, tzinfo=UTC)
MONTH = "2026-09"
PEOPLE = (("zhou", "周宁", Role.REVIEWER), ("he", "何欣", Role.REVIEWER), ("wu", "吴桐", Role.GATEKEEPER))
# A drafter of each office that drafts at the desk.
DRAFTERS = (
    ("bao", "鲍明", "command_centre"), ("sun", "孙和", "consumer_council"), ("qian", "钱进", "case_office"),
    ("kong", "孔林", "office_concerned"),
)  # fmt: skip
NAMES = ("云州锦程通讯器材有限公司", "云州木棉服饰有限公司", "云州小满餐饮管理有限公司")
CODES = ("91990102MA9K08RC3H", "91990102MA9K62HN63", "91990102MA9K19PD7P")
SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def uscc(place: int) -> str:
    """A code with a right check digit (GB 32100-2015)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91990102MA9K{place:05d}"
    total = sum(alphabet.index(c) * 3**i % 31 for i, c in enumerate(body))
    return body + alphabet[(31 - total % 31) % 31]


def operator(place: int) -> ComplaintOperator:
    name = NAMES[place] if place < len(NAMES) else f"云州第{place}商贸有限公司"
    return ComplaintOperator(
        key=uscc(place), name=name, uscc=uscc(place), address="云州市湖东区解放东路118号", scope="通讯器材销售"
    )


def measures(complaints: int, resolved: int | None = None) -> Measures:
    accepted, resolved = max(complaints - 1, 0), max(complaints - 3, 0) if resolved is None else resolved
    return Measures(
        complaints=complaints, accepted=accepted, resolved=resolved, resolution_rate=None, mediations=accepted,
        mediation_successes=resolved, mediation_success_rate=None, amount=Decimal("100.00"), recovered=Decimal("10.00"),
        median_days=None, p90_days=None,
    )  # fmt: skip


def figure(place: int, complaints: int, *, version: int = 1, month: str = MONTH, was: int | None = None) -> FigureChanged:
    return FigureChanged(
        subject_kind="operator", subject=uscc(place), period_kind="month", period=month, version=version,
        figures=measures(complaints), as_of=AT, operator=operator(place), region="990102", industry="F5273",
        restated=was is not None, restated_from=None if was is None else measures(was),
    )  # fmt: skip


def city(complaints: int, month: str = MONTH) -> FigureChanged:
    return FigureChanged(
        subject_kind="all", subject="all", period_kind="month", period=month, version=1, figures=measures(complaints), as_of=AT
    )


def month_closed(operators: int, complaints: int, month: str = MONTH) -> MonthClosed:
    return MonthClosed(month=month, operators=operators, complaints=complaints, closed_at=AT)


def complaint(number: int = 1, revision: int = 1, **changes) -> ComplaintRevised:
    facts = {
        "complaint_id": uuid5(SPACE, f"complaint {number}"), "revision": revision, "source": "/hotlines/12315",
        "external_id": f"X{number}", "kind": "complaint", "channel": "platform", "received_on": date(2026, 8, 19),
        "region": "990102", "industry": "F5273", "category": "prepaid", "operator": operator(0), "status": "closed",
        "outcome": "mediated", "accepted": True, "accepted_on": date(2026, 8, 21), "closed_on": date(2026, 9, 8),
        "amount": "68600.00", "recovered": "21400.00", "ledger": None, "received_at": AT, "goods": "健身卡",
        "title": "门店搬迁后退卡", "text": "门店搬迁后距离较远，要求退还余额。", "redaction": "clean",
    }  # fmt: skip
    return ComplaintRevised(**{**facts, **changes})


def application_accepted(item_id: str, number: int = 1) -> ApplicationAccepted:
    return ApplicationAccepted(
        application_id=uuid5(SPACE, f"application {number}"), receipt=f"SQ-2026-{number:06d}-1", item_id=item_id,
        item_version=1, kind="correction", filed_at=AT, accepted_at=AT, due_on="2026-10-30",
    )  # fmt: skip


def application_withdrawn(item_id: str, number: int = 1) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        application_id=uuid5(SPACE, f"application {number}"),
        receipt=f"SQ-2026-{number:06d}-1",
        item_id=item_id,
        withdrawn_at=AT,
    )


def ruling(
    item_id: str, decision: str, number: int = 1, corrections: Sequence[tuple[str, str]] = (), response: str | None = None
) -> RulingMade:
    codes = {"upheld": "K01", "corrected": "C02", "withdrawn": "W03"}
    return RulingMade(
        ruling_id=uuid5(SPACE, f"ruling {number}"), application_id=uuid5(SPACE, f"application {number}"),
        receipt=f"SQ-2026-{number:06d}-1", item_id=item_id, item_version=1, kind="correction", operator_key=uscc(0),
        decision=decision, reason_code=codes[decision], public_reason="主体对应错误", reply_number=f"DF-2026-{number:06d}",
        corrections=tuple(FieldCorrection(field=f, value=v) for f, v in corrections), response=response,
        decided_at=datetime.now(UTC),
        rules_version="2018-01-01",
    )  # fmt: skip


def to_received(*events):
    """Events as a handler gets them; the record is what a dead letter would need."""
    return [
        ReceivedEvent(
            event,
            SimpleNamespace(topic="t", partition=0, offset=offset, key=b"", headers=(), value=event.model_dump_json().encode()),
        )
        for offset, event in enumerate(events)
    ]


async def people(settings) -> None:
    """Two reviewers, a gatekeeper and a drafter of each office, added by the database's owner as the command line does."""
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    for name, display_name, role in PEOPLE:
        await add_person(owner, name, display_name, role, "a long password")
    for name, display_name, office in DRAFTERS:
        await add_person(owner, name, display_name, Role.DRAFTER, "a long password", office=office)
    await owner.close()
