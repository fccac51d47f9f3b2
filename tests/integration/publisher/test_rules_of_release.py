"""What the rules ask for before a release: reviewers by kind and risk, notice to the operator, a term that is not over."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from services.publisher import desk_drafts, releasing
from services.publisher.domain.desk_form import compose_form
from services.publisher.kinds import KINDS
from services.publisher.releasing import NoticeMissing, NotReleasable
from services.publisher.store import gate
from services.publisher.store.gate import RulesEdited
from shared.clock import now
from shared.contracts import PublicOperator
from tests.integration.publisher.events import uscc
from tests.integration.publisher.test_records import act, handled, hear

pytestmark = pytest.mark.asyncio(loop_scope="session")

PENALTY = {
    "party_kind": "organisation", "document_number": "云市监罚〔2026〕1号", "offence": "虚假宣传", "offence_facts": "宣传与实物不符。",
    "penalty_basis": "反不正当竞争法第二十条", "penalty_kind": "fine", "penalty_content": "罚款1万元", "fine": "1.000000",
    "confiscated": None, "licence": None, "seriousness": "minor", "decided_on": "2026-11-02", "valid_until": None,
    "public_until": None, "authority": "云州市市场监督管理局", "authority_code": None,
}  # fmt: skip


async def use_kind_rules(desk, kind, version="2026-04-15a", **changes):
    """Go on under a new version of the rules that differ for one kind."""
    book = desk.bureau.rule_book
    last = book.versions[-1]
    kinds = {**last.kinds, kind: last.kinds[kind].model_copy(update=changes)}
    changed = last.model_copy(update={"version": version, "kinds": kinds})
    desk.use_rules(book.model_copy(update={"versions": (*book.versions[:-1], changed)}))
    async with desk.database.unit_of_work() as uow:
        await gate.ensure_gate(uow.connection, desk.bureau.rule_book)


async def draft_penalty(desk, **changes):
    kind, operator = KINDS["penalty"], PublicOperator(key=uscc(0), name="云州锦程通讯器材有限公司", uscc=uscc(0))
    form = compose_form(kind, {**PENALTY, **changes}, operator, None)
    return await act(desk, desk_drafts.create, "he", kind, form)


async def test_an_item_at_risk_takes_more_reviewers_than_one_that_nothing_is_said_of(desk):
    await use_kind_rules(desk, "record", reviewers_at_risk=2)
    await hear(desk, handled(1, accepted_on="2026-08-01"))

    assert await desk.review(await desk.seen()) == 0
    assert await desk.review(await desk.seen(), "he") == 1
    assert len(await desk.release(await desk.seen())) == 1


async def test_the_database_counts_reviewers_by_kind_and_risk(desk):
    await use_kind_rules(desk, "record", reviewers_at_risk=2)
    await hear(desk, handled(1, accepted_on="2026-08-01"), handled(2))
    await desk.review(await desk.seen())
    await desk.owner.execute("UPDATE publisher.versions SET state = 'approved' WHERE state = 'draft'")
    risky = next(row for row in await desk.open_versions() if row["warning"])
    seen = await desk.seen()

    with pytest.raises(asyncpg.CheckViolationError, match="lacks a review"):
        await desk.release([each for each in seen if each.item_id == risky["item_id"]])
    assert len(await desk.release([each for each in seen if each.item_id != risky["item_id"]])) == 1


async def test_what_a_version_asks_for_of_a_kind_cannot_be_edited_later(desk):
    await use_kind_rules(desk, "record", reviewers=2)

    with pytest.raises(RulesEdited):
        await use_kind_rules(desk, "record", reviewers=1)


async def test_the_operator_is_told_before_the_first_publication(desk, monkeypatch):
    await use_kind_rules(desk, "record", notice_workdays=3)
    await hear(desk, handled(1))
    await desk.review(await desk.seen())
    (seen,) = await desk.seen()
    today = desk.bureau.today(now())

    with pytest.raises(NoticeMissing):
        await desk.release([seen])
    await act(desk, releasing.record_notice, "zhou", seen, today, "送达回证1号")
    with pytest.raises(NoticeMissing):
        await desk.release([seen])

    async def nothing(*_arguments):
        pass

    with monkeypatch.context() as patched:
        patched.setattr(releasing, "_require_notices", nothing)
        with pytest.raises(asyncpg.CheckViolationError, match="has not had its notice"):
            await desk.release([seen])
    await desk.owner.execute("DELETE FROM publisher.operator_notices")
    await act(desk, releasing.record_notice, "zhou", seen, today - timedelta(days=20), "送达回证2号")
    assert len(await desk.release([seen])) == 1


async def test_what_follows_the_first_publication_needs_no_notice(desk):
    await use_kind_rules(desk, "record", notice_workdays=3)
    await hear(desk, handled(1))
    await desk.review(await desk.seen())
    (seen,) = await desk.seen()
    await act(desk, releasing.record_notice, "zhou", seen, desk.bureau.today(now()) - timedelta(days=20), "送达回证1号")
    await desk.release([seen])
    await hear(desk, handled(1, 2, demand="退货"))

    assert len(await desk.review_and_release()) == 1


async def test_a_term_that_is_over_is_not_begun(desk):
    day = desk.bureau.today(now()) - timedelta(days=1)
    await draft_penalty(desk, decided_on="2026-01-05", public_until=day.isoformat())

    (version,) = await desk.open_versions("penalties")
    assert version["failing"] == 1
    await desk.owner.execute("UPDATE publisher.versions SET failing = 0")
    await desk.review(await desk.seen("penalties"))
    with pytest.raises(NotReleasable):
        await desk.release(await desk.seen("penalties"))


async def test_a_proposed_withdrawal_of_a_penalty_names_the_day_of_the_rules(desk):
    item_id = await draft_penalty(desk)
    await desk.review_and_release("penalties")

    await act(desk, releasing.propose_withdrawal, "zhou", item_id, 1, "W01", "决定已撤销")

    (version,) = await desk.open_versions("penalties")
    last = desk.bureau.calendar.add_workdays(desk.bureau.today(now()), 3).due
    assert f'"day": "{last.isoformat()}"' in version["checks"]
