"""Items that programs and files submit become drafts of a kind, in one pass for all of them; nothing is released by that.

The natural key tells which item a row is, so that a row that comes again changes nothing. What people have taken in hand (an
edited draft, an approved version, what is public, withdrawn or declined) is theirs: the row is refused with a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.publisher import desk_drafts
from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import ItemVersions, Purpose, State
from services.publisher.domain.form import Form
from services.publisher.domain.submitted import ItemFault, ItemResult, Outcome, ReadItem, is_same, read_item
from services.publisher.kinds import Kind
from services.publisher.store import item_versions, rulings, versions
from services.publisher.store.versions import NewVersion
from shared.database.connections import acquire
from shared.errors import PermanentError
from shared.stream import Database, UnitOfWork
from shared.web.i18n import Text, _

# So many at once keep the lock of drafting for about a second.
MAX_ITEMS = 500
REFUSALS: Mapping[str, Text] = {
    "doubled": _("同一批中已有同样标识、内容不同的一条"),
    "withdrawn": _("这条信息已撤回，请在工作台重新起草"),
    "given_up": _("这条草稿已作废，请在工作台重新起草"),
    "declined": _("已决定不予公示"),
    "edited_by_person": _("这条草稿有人修改过，请在工作台修改"),
    "under_decision": _("正在办理，暂不能修改"),
    "already_public": _("已经公示，更正请在工作台起草"),
}


class NoNaturalKey(PermanentError):
    """Nothing tells the items of this kind apart, so that a row that comes again would be a second item."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is done with a row: the version to write (none: nothing), what came of it, and whether the item is new."""

    outcome: Outcome
    item_id: str | None = None
    version: int = 1
    refusal: str = ""


async def store_items(
    database: Database, bureau: BureauContext, drafter: str, kind: Kind, rows: Sequence[Mapping[str, str]]
) -> list[ItemResult]:
    """Submit rows in one transaction. Raises `NoNaturalKey`."""
    async with database.unit_of_work() as uow:
        return await submit(uow, bureau, drafter, kind, rows)


async def try_items(
    database: Database, bureau: BureauContext, drafter: str, kind: Kind, rows: Sequence[Mapping[str, str]]
) -> list[ItemResult]:
    """Return what would come of rows; nothing is stored, and a draft that was only tried has no number."""
    async with acquire(database.pool) as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            results = await submit(UnitOfWork(connection, database.clock(), database.source), bureau, drafter, kind, rows)
        finally:
            await transaction.rollback()
    return [replace(each, item_id=None) if each.outcome is Outcome.CREATED else each for each in results]


async def submit(
    uow: UnitOfWork, bureau: BureauContext, drafter: str, kind: Kind, rows: Sequence[Mapping[str, str]]
) -> list[ItemResult]:
    """Write what rows say as drafts of `drafter`; return what came of each, in their order. Raises `NoNaturalKey`."""
    if not kind.natural_key:
        raise NoNaturalKey(kind.name)
    read = [read_item(kind, row) for row in rows]
    await item_versions.lock_drafting(uow.connection)
    first: dict[str, int] = {}
    for index, each in enumerate(read):
        if each.key is not None:
            first.setdefault(each.key, index)
    known = await item_versions.lock_items(uow.connection, kind.board, list(first))
    ruled = await rulings.fetch_pending_rulings(uow.connection, [item.item_id for item in known.values()])
    plans = {
        key: _plan(_form(read[index]), known.get(key), drafter, is_ruled=key in known and known[key].item_id in ruled)
        for key, index in first.items()
    }
    ids = await _write(uow, bureau, drafter, kind, {key: _form(read[index]) for key, index in first.items()}, plans)
    return [_result(read, index, first, plans, ids) for index in range(len(read))]


def _form(read: ReadItem) -> Form:
    if read.form is None:
        raise AssertionError("only rows without faults have a key")
    return read.form


def _plan(form: Form, item: ItemVersions | None, drafter: str, *, is_ruled: bool) -> _Plan:
    """Return what is done with a form, given what there is of its item."""
    if item is None:
        return _Plan(Outcome.CREATED)
    at_work = item.open or item.public
    if at_work is not None and at_work.purpose is Purpose.PUBLISH and is_same(form, at_work.form):
        return _Plan(Outcome.UNCHANGED, item.item_id)
    refusal = _refusal(item, drafter, is_ruled=is_ruled)
    if refusal:
        return _Plan(Outcome.REFUSED, item.item_id, refusal=refusal)
    return _Plan(Outcome.UPDATED, item.item_id, item.open.version if item.open else 1)


def _refusal(item: ItemVersions, drafter: str, *, is_ruled: bool) -> str:
    """Return the code for which other content of an item is not taken; empty where it is."""
    if item.open is None:
        if item.public is None:
            return "declined" if item.declined else "given_up"
        return "withdrawn" if item.public.purpose is Purpose.WITHDRAW else "already_public"
    if item.public is not None or is_ruled or item.open.state not in {State.DRAFT, State.RETURNED}:
        return "under_decision"
    return "" if item.open.drafted_by == drafter else "edited_by_person"


async def _write(
    uow: UnitOfWork,
    bureau: BureauContext,
    drafter: str,
    kind: Kind,
    forms: Mapping[str, Form],
    plans: Mapping[str, _Plan],
) -> dict[str, str]:
    """Write the versions of plans in one statement each; return the items by natural key."""
    new = {key: None for key, plan in plans.items() if plan.outcome is Outcome.CREATED}
    year = bureau.today(uow.now).year
    ids = {key: plan.item_id for key, plan in plans.items() if plan.item_id}
    if new:
        ids |= await item_versions.insert_items(uow.connection, kind.board, new, year, uow.now, kind=kind.name)
    written = {key: plan for key, plan in plans.items() if plan.outcome in {Outcome.CREATED, Outcome.UPDATED}}
    drafts = [
        NewVersion(
            ids[key], plan.version, forms[key], desk_drafts.check(uow, bureau, kind, forms[key], is_public=False), {}, drafter
        )
        for key, plan in written.items()
    ]
    if drafts:
        await versions.upsert_versions(uow.connection, drafts, at=uow.now, rules_version=bureau.rules(uow.now).version)
    for draft in drafts:
        desk_drafts.journal_draft(uow, drafter, "drafted", draft.item_id, draft.version, draft.form)
    return ids


def _result(
    read: Sequence[ReadItem], index: int, first: Mapping[str, int], plans: Mapping[str, _Plan], ids: Mapping[str, str]
) -> ItemResult:
    each = read[index]
    if each.key is None:
        return ItemResult(Outcome.REFUSED, faults=each.faults)
    plan, item_id = plans[each.key], ids.get(each.key)
    if first[each.key] != index:
        if is_same(_form(each), _form(read[first[each.key]])):
            return ItemResult(Outcome.REFUSED if plan.refusal else Outcome.UNCHANGED, item_id, _faults(plan.refusal))
        return ItemResult(Outcome.REFUSED, item_id, _faults("doubled"))
    return ItemResult(plan.outcome, item_id, _faults(plan.refusal))


def _faults(code: str) -> tuple[ItemFault, ...]:
    return (ItemFault("", code, REFUSALS[code]),) if code else ()
