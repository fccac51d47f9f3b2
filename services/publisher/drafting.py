"""Drafting: figures and complaints become open versions, which go to the desk and the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from services.publisher.domain import drafting as decision
from services.publisher.domain.basic import MonthFigure, basic_form, natural_key
from services.publisher.domain.checks import Check, form_checks, major_checks
from services.publisher.domain.drafting import State
from services.publisher.domain.form import Form
from services.publisher.domain.major import major_form
from services.publisher.office import COMPLAINT_UPDATED, FIGURES_RESTATED, Office
from services.publisher.store import closings, figures, items, rulings, versions
from services.publisher.store.versions import NewVersion
from shared.contracts import Board, ComplaintRevised
from shared.rules import Rules
from shared.stream import JournalEntry, UnitOfWork

DRAFTER = "publisher"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A form proposed for the item of a natural key, with its checks and its inputs (`facts`)."""

    key: str
    form: Form
    checks: Sequence[Check]
    facts: dict[str, Any]


async def draft_month(uow: UnitOfWork, office: Office, month: str) -> int:
    """Draft the basic items of a month from the stored figures; return how many versions were written."""
    await versions.lock_drafting(uow.connection)
    of_month = await figures.fetch_month_figures(uow.connection, [month])
    await closings.mark_drafted(uow.connection, month, of_month, uow.now)
    return await draft_basic(uow, office, [f for f in of_month if f.measures.complaints])


async def draft_basic(uow: UnitOfWork, office: Office, changed: Sequence[MonthFigure]) -> int:
    """Draft, replace or revise the items of operators in months; return how many versions were written."""
    rules = office.rules(uow.now)
    proposals = []
    for figure in changed:
        form = basic_form(figure, rules.rates.card_minimum)
        key = natural_key(figure.operator.key, figure.month)
        proposals.append(Proposal(key, form, form_checks(form, rules, Board.BASIC), {"figure_version": figure.version}))
    return await _draft(uow, office, Board.BASIC, proposals, FIGURES_RESTATED)


async def draft_major(uow: UnitOfWork, office: Office, complaints: Sequence[ComplaintRevised]) -> int:
    """Draft, replace or revise the items of major complaints; return how many versions were written."""
    rules = office.rules(uow.now)
    await versions.lock_drafting(uow.connection)
    others = await items.fetch_similar_items(
        uow.connection, [(str(c.complaint_id), c.operator.key, c.amount) for c in complaints]
    )
    proposals = []
    for complaint in complaints:
        form, key = major_form(complaint), str(complaint.complaint_id)
        checks = major_checks(form, rules, complaint, others.get(key, []))
        proposals.append(Proposal(key, form, checks, {"complaint_revision": complaint.revision}))
    return await _draft(uow, office, Board.MAJOR, proposals, COMPLAINT_UPDATED)


async def _draft(uow: UnitOfWork, office: Office, board: Board, proposals: Sequence[Proposal], code: str) -> int:
    if not proposals:
        return 0
    rules = office.rules(uow.now)
    await versions.lock_drafting(uow.connection)
    known = await versions.lock_items(uow.connection, board, [proposal.key for proposal in proposals])
    ruled = await rulings.fetch_pending_rulings(uow.connection, [item.item_id for item in known.values()])
    new = [proposal for proposal in proposals if proposal.key not in known]
    year = office.today(uow.now).year
    ids = await versions.insert_items(uow.connection, board, [proposal.key for proposal in new], year, uow.now) if new else {}
    drafts: list[NewVersion] = [
        NewVersion(ids[proposal.key], 1, proposal.form, proposal.checks, proposal.facts) for proposal in new
    ]
    dropped: list[tuple[str, int]] = []
    for proposal in proposals:
        item = known.get(proposal.key)
        if item is None:
            continue
        reason = _reason(ruled.get(item.item_id), rules, code)
        match decision.decide(item, proposal.form, *reason):
            case decision.WriteVersion(version, form):
                drafts.append(NewVersion(item.item_id, version, form, proposal.checks, proposal.facts))
            case decision.DropDraft(version):
                dropped.append((item.item_id, version))
            case decision.NoChange():
                pass
            case never:
                assert_never(never)
    await _write(uow, rules, drafts, dropped)
    return len(drafts)


def _reason(ruling: rulings.Ruling | None, rules: Rules, code: str) -> tuple[str, str]:
    """Return the reason for a change as (code, text): that of the ruling behind it, else our own."""
    if ruling is not None:
        return ruling.reason_code, ruling.public_reason
    return code, rules.restatements[code].zh


async def _write(uow: UnitOfWork, rules: Rules, drafts: Sequence[NewVersion], dropped: Sequence[tuple[str, int]]) -> None:
    if drafts:
        await versions.upsert_versions(uow.connection, drafts, by=DRAFTER, at=uow.now, rules_version=rules.version)
    if dropped:
        await versions.set_state(uow.connection, dropped, State.REJECTED, by=DRAFTER, at=uow.now)
    for version in drafts:
        detail = {"version": version.version, "rules": rules.version, **version.facts}
        uow.journal(JournalEntry(DRAFTER, "drafted", version.item_id, None, version.form.model_dump(mode="json"), detail))
    for item_id, number in dropped:
        uow.journal(JournalEntry(DRAFTER, "draft_dropped", item_id, detail={"version": number}))


async def correct_by_ruling(uow: UnitOfWork, office: Office, item_id: str, changes: Sequence[tuple[str, str]]) -> bool:
    """Draft a version with the fields that a ruling corrects; return whether a version was written.

    `changes` are (field, right value). Without fields the ruling waits for the figures that it changes, and a draft that
    precedes it takes over its reason.
    """
    await versions.lock_drafting(uow.connection)
    item = await versions.lock_item(uow.connection, item_id)
    ruling = (await rulings.fetch_pending_rulings(uow.connection, [item_id])).get(item_id)
    if item is None or item.public is None or ruling is None:
        return False
    base = item.open.form if item.open and item.open.purpose is decision.Purpose.PUBLISH else item.public.form
    form = base.apply_corrections(changes)
    rules = office.rules(uow.now)
    match decision.decide(item, form, ruling.reason_code, ruling.public_reason):
        case decision.WriteVersion(version, corrected):
            checks = form_checks(corrected, rules, item.board)
            draft = NewVersion(item_id, version, corrected, checks, {"ruling": ruling.reply_number})
            await _write(uow, rules, [draft], [])
            return True
        case _:
            return False
