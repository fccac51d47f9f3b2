"""Drafting: figures and complaints become open versions, which go to the desk and the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.publisher.bureau import (
    COMPLAINT_UPDATED,
    FIGURES_RESTATED,
    NOT_FOR_PUBLICATION,
    OPERATOR_CHANGED,
    RESPONSE_ADDED,
    SAME_DISPUTE,
    UPDATES,
    BureauContext,
)
from services.publisher.domain import drafting as decision
from services.publisher.domain.basic import MonthFigure, basic_form, natural_key, split_key
from services.publisher.domain.case_summary import CaseSummary
from services.publisher.domain.checks import form_checks, kind_checks, major_checks
from services.publisher.domain.desk_form import correct_form
from services.publisher.domain.drafting import DRAFTER, ItemVersions
from services.publisher.domain.form import Form
from services.publisher.domain.major import ExclusionGround, concealed_fields, find_exclusion_ground, major_form
from services.publisher.domain.personal_data import find_personal_data
from services.publisher.domain.terms import withdrawal_deadline
from services.publisher.drafts import DraftProposal, Drafts
from services.publisher.kinds import find_kind
from services.publisher.store import case_summaries, closings, figures, item_versions, items, rulings
from services.publisher.store.case_summaries import ComplaintTexts
from shared.contracts import Board, ComplaintRevised, Redaction, RulingMade
from shared.errors import PermanentError
from shared.rates import SuccessDenominator
from shared.rules import Rules
from shared.stream import UnitOfWork

WITHDRAWAL_CODES = {
    ExclusionGround.DUPLICATE: SAME_DISPUTE,
    ExclusionGround.NO_DISPUTE: NOT_FOR_PUBLICATION,
    ExclusionGround.NOT_MAJOR: NOT_FOR_PUBLICATION,
}


class MonthNotClosed(PermanentError):
    """Only a month whose figures are closed can be drafted.

    `draftable_from` is the day on which the month closes by the rules; None where that day has passed: no complaint of
    the month was counted, or its close is still under way.
    """

    def __init__(self, month: str, draftable_from: date | None) -> None:
        super().__init__(
            f"{month} is not closed: it can be drafted from {draftable_from} on"
            if draftable_from
            else f"{month} has no closed figures: no complaint of it was counted, or its close is still under way"
        )
        self.month = month
        self.draftable_from = draftable_from


async def draft_month(uow: UnitOfWork, bureau: BureauContext, month: str) -> int:
    """Draft the basic items of a closed month from the stored figures; return how many versions were written.

    `month` is like `2026-10`. Raises `MonthNotClosed`.
    """
    await item_versions.lock_drafting(uow.connection)
    if not await closings.is_closed(uow.connection, month):
        day = bureau.closing_day(month, uow.now)
        raise MonthNotClosed(month, day if day and day > bureau.today(uow.now) else None)
    await closings.mark_drafted(uow.connection, month, uow.now)
    return await draft_basic(uow, bureau, await figures.fetch_month_figures(uow.connection, [month]))


async def draft_basic(uow: UnitOfWork, bureau: BureauContext, changed: Sequence[MonthFigure]) -> int:
    """Draft, replace, revise or withdraw the items of operators in months; return how many versions were written.

    An operator without complaints in a month has no item of it.
    """
    await item_versions.lock_drafting(uow.connection)
    by_key = {natural_key(figure.operator.key, figure.month): figure for figure in changed}
    known = await item_versions.lock_items(uow.connection, Board.BASIC, list(by_key))
    rules = bureau.rules(uow.now)
    denominators = {month: bureau.success_denominator(month, uow.now) for month in {f.month for f in changed}}
    proposals = [
        _propose_basic(rules, key, figure, denominators[figure.month], known.get(key)) for key, figure in by_key.items()
    ]
    return len(await draft_proposals(uow, bureau, Board.BASIC, proposals, known))


def _propose_basic(
    rules: Rules, key: str, figure: MonthFigure, by: SuccessDenominator, item: ItemVersions | None
) -> DraftProposal:
    """Return what a figure proposes for its item, or that it can't be public any more."""
    facts = {"figure_version": figure.version}
    if not figure.measures.complaints:
        return DraftProposal(key, None, [], facts, FIGURES_RESTATED)
    form = basic_form(figure, by)
    if item and item.public and find_personal_data(form):
        # A revision must not be blocked by a registration that it does not need.
        form = form.with_registration_of(item.public.form)
    return DraftProposal(key, form, form_checks(form, rules, Board.BASIC, _follows(item, form)), facts, FIGURES_RESTATED)


def _follows(item: ItemVersions | None, form: Form) -> str | None:
    """Return the withdrawn item in whose place the form is drafted."""
    if item is None:
        return None
    return item.item_id if decision.needs_new_item(item, form) else item.follows


async def draft_in_place(uow: UnitOfWork, bureau: BureauContext, item_ids: Sequence[str]) -> int:
    """Draft new items in place of withdrawn basic ones whose figures changed before the withdrawal; return how many.

    The lock of drafting is taken before any item is locked.
    """
    keys = {split_key(key) for key in await item_versions.fetch_keys(uow.connection, Board.BASIC, item_ids)}
    months, operators = sorted({month for month, _ in keys}), sorted({operator for _, operator in keys})
    stored = await figures.fetch_month_figures(uow.connection, months, operators) if keys else []
    return await draft_basic(uow, bureau, [f for f in stored if (f.month, f.operator.key) in keys])


async def draft_major(uow: UnitOfWork, bureau: BureauContext, complaints: Sequence[ComplaintRevised]) -> int:
    """Draft, replace, revise or withdraw the items of major complaints; return how many versions were written."""
    await item_versions.lock_drafting(uow.connection)
    by_key = {str(complaint.complaint_id): complaint for complaint in complaints}
    known = await item_versions.lock_items(uow.connection, Board.MAJOR, list(by_key))
    others = await items.fetch_similar_items(uow.connection, [(key, c.operator.key, c.amount) for key, c in by_key.items()])
    written = await case_summaries.fetch_summaries(uow.connection, [item.item_id for item in known.values()])
    proposals = [
        _propose_major(bureau, uow.now, key, complaint, known.get(key), others.get(key, []), written)
        for key, complaint in by_key.items()
    ]
    keys = await draft_proposals(uow, bureau, Board.MAJOR, proposals, known)
    await items.set_revisions(uow.connection, {key: complaint.revision for key, complaint in by_key.items()})
    texts = {key: ComplaintTexts(complaint.title, complaint.text) for key, complaint in by_key.items()}
    await case_summaries.store_texts(uow.connection, texts)
    return len(keys)


def _propose_major(
    bureau: BureauContext,
    now: datetime,
    key: str,
    complaint: ComplaintRevised,
    item: ItemVersions | None,
    similar: Sequence[str],
    written: Mapping[str, CaseSummary],
) -> DraftProposal:
    """Return what a revision of a complaint proposes for its item, or that it can't be public any more.

    `written` are the summaries that people wrote, by item.
    """
    rules, facts = bureau.rules(now), {"complaint_revision": complaint.revision}
    public = item.public if item and item.public and item.public.purpose is decision.Purpose.PUBLISH else None
    summary = written.get(item.item_id) if item else None
    ground = find_exclusion_ground(complaint, (bureau.rules_of(public.rules_version, now) if public else rules).major)
    if ground is not None:
        return DraftProposal(key, None, [], facts, WITHDRAWAL_CODES[ground])
    form = major_form(complaint, summary.text if summary else None, reopened=public is not None)
    if item and decision.needs_new_item(item, form):
        public = summary = None
        form = major_form(complaint)
    if public and find_personal_data(form):
        # A revision must not be blocked by words that it does not need.
        complaint, summary = complaint.model_copy(update={"redaction": Redaction.WITHHELD}), None
        form = major_form(complaint, reopened=True)
    checks = major_checks(form, rules, complaint, similar, is_public=public is not None)
    concealed = concealed_fields(complaint, public.form) if public else frozenset[str]()
    return DraftProposal(
        key, form, checks, facts, COMPLAINT_UPDATED, concealed, drafted_by=summary.edited_by if summary else DRAFTER
    )


async def draft_proposals(
    uow: UnitOfWork,
    bureau: BureauContext,
    board: Board,
    proposals: Sequence[DraftProposal],
    known: Mapping[str, ItemVersions],
    kind: str | None = None,
) -> list[str]:
    """Write what the proposals bring about, and return for which keys; `known` are the locked items by natural key.

    `kind`: that of all of them, where a declaration has it.
    """
    if not proposals:
        return []
    rules = bureau.rules(uow.now)
    ruled = await rulings.fetch_pending_rulings(uow.connection, [item.item_id for item in known.values()])
    drafts, new = Drafts(), list[DraftProposal]()
    withdraw_by = withdrawal_deadline(kind, bureau.today(uow.now), rules, bureau.calendar)
    freed: dict[str, str] = {}
    for proposal in proposals:
        item = known.get(proposal.key)
        if item is None:
            new += [proposal] if proposal.form else []
            continue
        if proposal.form and decision.needs_new_item(item, proposal.form):
            freed[proposal.key] = item.item_id
            new.append(proposal)
        held = decision.is_proposed_withdrawal(item.open)
        decided = _decide(replace(item, open=None) if held else item, proposal, ruled.get(item.item_id), rules)
        drafts.add(item.item_id, decided, proposal, rules, held=held, withdraw_by=withdraw_by)
    await item_versions.free_keys(uow.connection, list(freed.values()))
    follows = {proposal.key: freed.get(proposal.key) for proposal in new}
    year = bureau.today(uow.now).year
    ids = await item_versions.insert_items(uow.connection, board, follows, year, uow.now, kind=kind) if follows else {}
    for proposal in new:
        drafts.add(ids[proposal.key], _first_version(proposal), proposal, rules)
    await drafts.write(uow, rules)
    return drafts.keys


def _decide(item: ItemVersions, proposal: DraftProposal, ruling: rulings.Ruling | None, rules: Rules) -> decision.DraftDecision:
    if proposal.form is None:
        return decision.decide_withdrawal(item, *_reason(ruling, rules, proposal.code))
    if decision.needs_new_item(item, proposal.form):
        return decision.decide_withdrawal(item, *_reason(ruling, rules, OPERATOR_CHANGED))
    code, reason = _reason(ruling, rules, proposal.code)
    form = proposal.form.model_copy(update={"response": decision.kept_response(item, is_update=code in UPDATES)})
    return decision.decide(item, form, code, reason, proposal.concealed)


def _first_version(proposal: DraftProposal) -> decision.DraftDecision:
    return decision.decide(None, proposal.form, "", "") if proposal.form else decision.NoChange()


def _reason(ruling: rulings.Ruling | None, rules: Rules, code: str) -> tuple[str, str]:
    """Return the reason for a change as (code, text): that of the ruling behind it, else our own."""
    if ruling is not None:
        return ruling.reason_code, ruling.public_reason
    known = rules.reason(code)
    return (code, known.zh) if known else (COMPLAINT_UPDATED, rules.restatements[COMPLAINT_UPDATED].zh)


async def correct_by_ruling(
    uow: UnitOfWork, bureau: BureauContext, item_id: str, changes: Sequence[tuple[str, str]], response: str | None = None
) -> bool:
    """Draft a version with the fields that a ruling corrects; return whether a version was written.

    `changes` are (field, right value); `response` is the operator's, in place of one on what is corrected now. Without either
    the ruling waits for the figures that it changes, and a draft that precedes it takes over its reason.
    """
    await item_versions.lock_drafting(uow.connection)
    item = await item_versions.lock_item(uow.connection, item_id)
    ruling = (await rulings.fetch_pending_rulings(uow.connection, [item_id])).get(item_id)
    if item is None or item.public is None or ruling is None:
        return False
    base = item.open.form if item.open and item.open.purpose is decision.Purpose.PUBLISH else item.public.form
    kind = find_kind(base.kind)
    form = correct_form(base, kind, changes) if kind else base.apply_corrections(changes)
    kept = response or (None if changes else base.response)
    form = form.model_copy(update={"response": kept})
    return await _write_ruled(uow, bureau, item, form, ruling.reply_number, (ruling.reason_code, ruling.public_reason))


async def respond_by_ruling(uow: UnitOfWork, bureau: BureauContext, ruling: RulingMade) -> bool:
    """Draft a version with the operator's response beside what stands; return whether a version was written."""
    await item_versions.lock_drafting(uow.connection)
    item = await item_versions.lock_item(uow.connection, ruling.item_id)
    if item is None or item.public is None or ruling.response is None:
        return False
    open_form = item.open.form if item.open and item.open.purpose is decision.Purpose.PUBLISH else None
    form = (open_form or item.public.form).model_copy(update={"response": ruling.response})
    known = bureau.rules(uow.now).reason(RESPONSE_ADDED)
    reason = (RESPONSE_ADDED, known.zh) if known else (ruling.reason_code, ruling.public_reason)
    if open_form and open_form.reason_code and open_form.reason:
        # What waits for its release is told by its own reason.
        reason = open_form.reason_code, open_form.reason
    return await _write_ruled(uow, bureau, item, form, ruling.reply_number, reason)


async def _write_ruled(
    uow: UnitOfWork, bureau: BureauContext, item: ItemVersions, form: Form, reply_number: str, reason: tuple[str, str]
) -> bool:
    """Write the form that follows from a ruling as a version of a public item; return whether it says anything new."""
    rules, kind = bureau.rules(uow.now), find_kind(form.kind)
    # While a person's withdrawal waits, the version is held: it comes back when that is refused.
    held = decision.is_proposed_withdrawal(item.open)
    match decision.decide(replace(item, open=None) if held else item, form, *reason):
        case decision.WriteVersion(form=ruled) as decided:
            checks = kind_checks(ruled, rules, kind) if kind else form_checks(ruled, rules, item.board)
            drafts = Drafts()
            author = item.open.drafted_by if item.open and item.open.purpose is decision.Purpose.PUBLISH else DRAFTER
            facts = {"ruling": reply_number}
            drafts.add(item.item_id, decided, DraftProposal("", ruled, checks, facts, "", drafted_by=author), rules, held=held)
            await drafts.write(uow, rules)
            return True
        case _:
            return False
