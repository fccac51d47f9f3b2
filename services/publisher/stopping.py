"""What one person takes off public view at once, by a ruling or at the desk; a second person confirms or reverses it."""

from __future__ import annotations

import orjson

from services.publisher import drafting
from services.publisher.bureau import BureauContext
from services.publisher.domain.checks import CheckName, check_succession, from_json
from services.publisher.domain.drafting import ItemVersions, Purpose
from services.publisher.domain.form import Form
from services.publisher.releasing import ContentChanged, NotReleasable, detail_of, publish, write_withdrawals
from services.publisher.store import case_summaries, gate, item_versions, stops, versions
from services.publisher.store.stops import StopOutcome
from services.publisher.store.versions import NewVersion
from shared.contracts import RulingMade
from shared.errors import PermanentError
from shared.stream import JournalEntry, UnitOfWork


class NotStoppable(PermanentError):
    """The rules do not let one person withdraw for this reason on this board."""


async def withdraw_by_ruling(uow: UnitOfWork, bureau: BureauContext, ruling: RulingMade) -> bool:
    """Withdraw an item on the authority of a ruling, at once or once the gatekeeper confirms it, as the rules say.

    Returns whether anything was public.
    """
    first_seq = await gate.lock_releases(uow.connection) + 1
    await item_versions.lock_drafting(uow.connection)
    item = await item_versions.lock_item(uow.connection, ruling.item_id)
    if item is None or item.public is None or item.public.purpose is Purpose.WITHDRAW:
        return False
    form = Form(reason_code=ruling.reason_code, reason=ruling.public_reason)
    rules = bureau.rules(uow.now)
    await write_withdrawals(uow, rules, [item], form, by=ruling.reply_number, ruling_id=ruling.ruling_id)
    if rules.stops.allows(item.board, ruling.reason_code):
        await _take_off(uow, bureau, item, ruling.reply_number, first_seq)
    return True


async def stop(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str, version: int, code: str, note: str) -> None:
    """Take what is public off view at once, as one person. Raises `ContentChanged`, `NotReleasable` and `NotStoppable`."""
    first_seq = await gate.lock_releases(uow.connection) + 1
    await item_versions.lock_drafting(uow.connection)
    item = await item_versions.lock_item(uow.connection, item_id)
    if item is None or item.public is None or item.public.version != version or item.public.purpose is Purpose.WITHDRAW:
        raise ContentChanged
    rules = bureau.rules(uow.now)
    if not rules.stops.allows(item.board, code):
        raise NotStoppable
    await write_withdrawals(uow, rules, [item], Form(reason_code=code, reason=note), by=person)
    await _take_off(uow, bureau, item, person, first_seq)


async def _take_off(uow: UnitOfWork, bureau: BureauContext, item: ItemVersions, by: str, first_seq: int) -> None:
    (written,) = await versions.lock_open_versions(uow.connection, [item.item_id])
    if written.failing:
        raise NotReleasable
    rules = bureau.rules(uow.now)
    await stops.insert(uow.connection, written, by=by, at=uow.now, rules_version=rules.version)
    detail = detail_of(written, rules) | {"code": written.form.reason_code}
    uow.journal(JournalEntry(by, "publication_stopped", item.item_id, detail=detail))
    await publish(uow, bureau, by, first_seq, [written])
    await drafting.draft_in_place(uow, bureau, [item.item_id])


async def confirm(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str) -> None:
    """Confirm what another person stopped: it stays withdrawn. Raises `ContentChanged`."""
    await _decide(uow, bureau, person, item_id, StopOutcome.CONFIRMED)


async def reverse(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str) -> str | None:
    """Reverse what another person stopped: its content is drafted anew, as an item in its place, and goes through the gate.

    Returns the new item; None where one was drafted in its place already. Raises `ContentChanged`.
    """
    await item_versions.lock_drafting(uow.connection)
    await _decide(uow, bureau, person, item_id, StopOutcome.REVERSED)
    item = await item_versions.lock_item(uow.connection, item_id)
    last = await stops.fetch_last_content(uow.connection, item_id)
    if item is None or last is None or last.natural_key.endswith(f"~{item_id}"):
        return None
    await item_versions.free_keys(uow.connection, [item_id])
    key, year = last.natural_key, bureau.today(uow.now).year
    ids = await item_versions.insert_items(uow.connection, item.board, {key: item_id}, year, uow.now, kind=last.kind)
    kept = [check for check in from_json(orjson.loads(last.checks)) if check.name is not CheckName.DUPLICATE]
    form = last.form.model_copy(update={"reason_code": None, "reason": None, "changes": ()})
    draft = NewVersion(
        ids[key], 1, form, [*kept, check_succession(item_id)], orjson.loads(last.facts), last.drafted_by
    )  # fmt: skip
    rules = bureau.rules(uow.now)
    await versions.upsert_versions(uow.connection, [draft], at=uow.now, rules_version=rules.version)
    summaries = await case_summaries.fetch_summaries(uow.connection, [item_id])
    if item_id in summaries:
        await case_summaries.store_summary(uow.connection, ids[key], summaries[item_id], uow.now)
    return ids[key]


async def _decide(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str, outcome: StopOutcome) -> None:
    await item_versions.lock_item(uow.connection, item_id)
    stop_of_item = await stops.fetch_of_item(uow.connection, item_id)
    if stop_of_item is None or stop_of_item.outcome is not None:
        raise ContentChanged
    await stops.decide(uow.connection, item_id, stop_of_item.version, outcome, by=person, at=uow.now)
    detail = {"version": stop_of_item.version, "code": stop_of_item.code, "rules": bureau.rules(uow.now).version}
    uow.journal(JournalEntry(person, f"stop_{outcome}", item_id, detail=detail))
