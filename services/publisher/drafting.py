"""Drafting: figures and complaints become versions at work; the desk and the gate take it from there."""

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
from shared.stream import Entry, Unit

DRAFTER = "publisher"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A form that an item should have, with its checks and what it was drawn from."""

    key: str
    form: Form
    checks: Sequence[Check]
    facts: dict[str, Any]


async def draft_month(unit: Unit, office: Office, month: str) -> int:
    """Draft the basic items of a month from the figures held; return how many versions were written."""
    await versions.lock_drafting(unit.connection)
    of_month = await figures.month_figures(unit.connection, [month])
    await closings.mark_drafted(unit.connection, month, of_month, unit.now)
    return await draft_basic(unit, office, [f for f in of_month if f.measures.complaints])


async def draft_basic(unit: Unit, office: Office, changed: Sequence[MonthFigure]) -> int:
    """Draft, replace or revise the items of operators in months; return how many versions were written."""
    rules = office.rules(unit.now)
    wanted = []
    for figure in changed:
        form = basic_form(figure, rules.rates.card_minimum)
        key = natural_key(figure.operator.key, figure.month)
        wanted.append(Wanted(key, form, form_checks(form, rules, Board.BASIC), {"figure_version": figure.version}))
    return await _draft(unit, office, Board.BASIC, wanted, FIGURES_RESTATED)


async def draft_major(unit: Unit, office: Office, complaints: Sequence[ComplaintRevised]) -> int:
    """Draft, replace or revise the items of major complaints; return how many versions were written."""
    rules = office.rules(unit.now)
    await versions.lock_drafting(unit.connection)
    others = await items.alike(unit.connection, [(str(c.complaint_id), c.operator.key, c.amount) for c in complaints])
    wanted = []
    for complaint in complaints:
        form, key = major_form(complaint), str(complaint.complaint_id)
        checks = major_checks(form, rules, complaint, others.get(key, []))
        wanted.append(Wanted(key, form, checks, {"complaint_revision": complaint.revision}))
    return await _draft(unit, office, Board.MAJOR, wanted, COMPLAINT_UPDATED)


async def _draft(unit: Unit, office: Office, board: Board, wanted: Sequence[Wanted], code: str) -> int:
    if not wanted:
        return 0
    rules = office.rules(unit.now)
    await versions.lock_drafting(unit.connection)
    known = await versions.existing(unit.connection, board, [w.key for w in wanted])
    ruled = await rulings.pending(unit.connection, [item.item_id for item in known.values()])
    new = [w for w in wanted if w.key not in known]
    year = office.today(unit.now).year
    ids = await versions.add_items(unit.connection, board, [w.key for w in new], year, unit.now) if new else {}
    written: list[NewVersion] = [NewVersion(ids[w.key], 1, w.form, w.checks, w.facts) for w in new]
    moot: list[tuple[str, int]] = []
    for w in wanted:
        item = known.get(w.key)
        if item is None:
            continue
        reason = _reason(ruled.get(item.item_id), rules, code)
        match decision.decide(item, w.form, *reason):
            case decision.Draft(version, form):
                written.append(NewVersion(item.item_id, version, form, w.checks, w.facts))
            case decision.Moot(version):
                moot.append((item.item_id, version))
            case decision.Nothing():
                pass
            case never:
                assert_never(never)
    await _write(unit, rules, written, moot)
    return len(written)


def _reason(ruling: rulings.Ruling | None, rules: Rules, code: str) -> tuple[str, str]:
    """Return the reason for a change: that of the ruling which brought it about, else our own."""
    if ruling is not None:
        return ruling.reason_code, ruling.public_reason
    return code, rules.restatements[code].zh


async def _write(unit: Unit, rules: Rules, written: Sequence[NewVersion], moot: Sequence[tuple[str, int]]) -> None:
    if written:
        await versions.write(unit.connection, written, by=DRAFTER, at=unit.now, rules_version=rules.version)
    if moot:
        await versions.move(unit.connection, moot, State.REJECTED, by=DRAFTER, at=unit.now)
    for version in written:
        detail = {"version": version.version, "rules": rules.version, **version.facts}
        unit.record(Entry(DRAFTER, "drafted", version.item_id, None, version.form.model_dump(mode="json"), detail))
    for item_id, number in moot:
        unit.record(Entry(DRAFTER, "draft_dropped", item_id, detail={"version": number}))


async def correct_by_ruling(unit: Unit, office: Office, item_id: str, changes: Sequence[tuple[str, str]]) -> bool:
    """Draft a version with fields put right as a ruling says; return whether there was anything to put right.

    `changes` are (field, right value). Without fields the ruling waits for the figures that it changes, and a draft that
    has come before it takes its reason over.
    """
    await versions.lock_drafting(unit.connection)
    item = await versions.existing_item(unit.connection, item_id)
    ruling = (await rulings.pending(unit.connection, [item_id])).get(item_id)
    if item is None or item.public is None or ruling is None:
        return False
    base = item.open.form if item.open and item.open.purpose is decision.Purpose.PUBLISH else item.public.form
    form = base.corrected(changes)
    rules = office.rules(unit.now)
    match decision.decide(item, form, ruling.reason_code, ruling.public_reason):
        case decision.Draft(version, corrected):
            checks = form_checks(corrected, rules, item.board)
            draft = NewVersion(item_id, version, corrected, checks, {"ruling": ruling.reply_number})
            await _write(unit, rules, [draft], [])
            return True
        case _:
            return False
