"""Review, release and withdrawal: the only way to the release record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import orjson

from services.publisher import drafting
from services.publisher.bureau import BureauContext
from services.publisher.domain.checks import withdrawal_checks
from services.publisher.domain.drafting import DRAFTER, ItemVersions, Purpose, State
from services.publisher.domain.form import Form
from services.publisher.domain.personal_data import find_personal_data
from services.publisher.domain.terms import expiry, withdrawal_deadline
from services.publisher.projection import ReleaseDetails, public_item, withdrawn_item
from services.publisher.store import batches, case_summaries, gate, gate_steps, item_versions, public_items, rulings, versions
from services.publisher.store.gate_steps import OperatorNotice
from services.publisher.store.versions import NewVersion, Version
from shared.contracts import ItemCorrected, ItemReleased, ItemState, ItemWithdrawn, PublicItem
from shared.contracts.publications import ItemEvent
from shared.errors import PermanentError
from shared.metrics import ITEMS
from shared.rules import Rules
from shared.stream import JournalEntry, UnitOfWork


class ContentChanged(PermanentError):
    """Somebody else has changed or decided this version in the meantime."""


class RulingStands(PermanentError):
    """A withdrawal that a ruling decided on waits for its confirmation, and is not returned."""


class NotReleasable(PermanentError):
    """A check of this version fails, so it can be neither approved nor released."""


class NoticeMissing(PermanentError):
    """The operator has not been told of this content, or the time of the notice is not over."""


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """The version that somebody decided on: item id and digest of the content in hexadecimal."""

    item_id: str
    digest: str


async def review(uow: UnitOfWork, bureau: BureauContext, person: str, seen: Sequence[SeenVersion]) -> int:
    """Approve drafts as a reviewer; return how many now have all their reviews. Raises `ContentChanged`."""
    drafts = await lock_as_seen(uow, seen, State.DRAFT)
    rules = bureau.rules(uow.now)
    await gate.insert_approvals(
        uow.connection, [(d.item_id, d.version, d.digest) for d in drafts],
        person=person, step="review", at=uow.now, rules_version=rules.version,
    )  # fmt: skip
    stored = await gate.fetch_approvals(uow.connection, [draft.item_id for draft in drafts])
    reviewers: dict[tuple[str, int], set[str]] = {}
    for each in stored:
        if each.step == "review" and each.current:
            reviewers.setdefault((each.item_id, each.version), set()).add(each.person)
    ready = [
        draft
        for draft in drafts
        if len(reviewers.get((draft.item_id, draft.version), ()))
        >= rules.reviewers(draft.board, draft.form.kind, at_risk=draft.warning > 0)
    ]
    if ready:
        await versions.set_state(uow.connection, _numbers(ready), State.APPROVED, by=person, at=uow.now)
    for draft in drafts:
        uow.journal(JournalEntry(person, "approved", draft.item_id, detail=detail_of(draft, rules)))
    return len(ready)


async def send_back(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion, code: str, note: str) -> None:
    """Return a draft or an approved version to those who drafted it. Raises `ContentChanged`.

    A withdrawal that a person proposed is refused by that: what is public stays, with what has changed of it since.
    Raises `RulingStands` for one that a ruling brought.
    """
    await item_versions.lock_drafting(uow.connection)
    (draft,) = await lock_as_seen(uow, [seen], State.DRAFT, State.APPROVED)
    if draft.ruling_id is not None:
        raise RulingStands
    detail = detail_of(draft, bureau.rules(uow.now)) | {"code": code}
    if draft.purpose is Purpose.WITHDRAW and draft.drafted_by != DRAFTER:
        await versions.set_state(uow.connection, _numbers([draft]), State.REJECTED, by=person, at=uow.now, note=note)
        uow.journal(JournalEntry(person, "withdrawal_refused", draft.item_id, detail=detail))
        await versions.redraft_held(uow.connection, draft.item_id, draft.version, uow.now)
        await drafting.draft_in_place(uow, bureau, [draft.item_id])
        return
    await batches.mark_faults(uow.connection, [draft.item_id])
    await versions.set_state(uow.connection, _numbers([draft]), State.RETURNED, by=person, at=uow.now, code=code, note=note)
    uow.journal(JournalEntry(person, "returned", draft.item_id, detail=detail))


async def send_back_all(
    uow: UnitOfWork, bureau: BureauContext, person: str, seen: Sequence[SeenVersion], code: str, note: str
) -> None:
    """Return several versions for one reason; all or none. Raises `ContentChanged`."""
    for version in seen:
        await send_back(uow, bureau, person, version, code, note)


async def release(uow: UnitOfWork, bureau: BureauContext, person: str, seen: Sequence[SeenVersion]) -> list[PublicItem]:
    """Release approved versions as the gatekeeper; return their public forms.

    A month that is withdrawn is drafted anew where its figures have changed in the meantime.
    Raises `ContentChanged`, `NotReleasable`, and `asyncpg.CheckViolationError` where the gate refuses.
    """
    withdrawn = await versions.fetch_open_withdrawals(uow.connection, [version.item_id for version in seen])
    first_seq = await gate.lock_releases(uow.connection) + 1
    if withdrawn:
        await item_versions.lock_drafting(uow.connection)
    approved = await lock_as_seen(uow, seen, State.APPROVED)
    await require_releasable(uow, bureau, approved, uow.now)
    await gate.insert_approvals(
        uow.connection, [(v.item_id, v.version, v.digest) for v in approved],
        person=person, step="release", at=uow.now, rules_version=bureau.rules(uow.now).version,
    )  # fmt: skip
    items = await publish(uow, bureau, person, first_seq, approved)
    await drafting.draft_in_place(uow, bureau, withdrawn)
    return items


async def require_releasable(uow: UnitOfWork, bureau: BureauContext, approved: Sequence[Version], at: datetime) -> None:
    """Raise `NotReleasable` or `NoticeMissing` where a version cannot be released at a time."""
    if any(find_personal_data(version.form) or _is_over(version, bureau, at) for version in approved):
        raise NotReleasable
    await _require_notices(uow, bureau, approved, at)


def _is_over(version: Version, bureau: BureauContext, now: datetime) -> bool:
    """Return whether the term of an item would be over on the day on which it is released."""
    if version.purpose is Purpose.WITHDRAW:
        return False
    today, rules = bureau.today(now), bureau.rules(now)
    last = expiry(version.form.kind, version.form.content or {}, version.board, rules, today)
    return last is not None and last < today


async def _require_notices(uow: UnitOfWork, bureau: BureauContext, approved: Sequence[Version], at: datetime) -> None:
    rules = bureau.rules(at)
    published = [version for version in approved if version.purpose is Purpose.PUBLISH and version.form.operator]
    wanted = [version for version in published if rules.notice_workdays(version.board, version.form.kind)]
    if not wanted:
        return
    ids = [version.item_id for version in wanted]
    before = await gate.first_release_times(uow.connection, ids)
    notices = await gate_steps.fetch_notices(uow.connection, ids)
    for version in wanted:
        notice = notices.get((version.item_id, version.digest))
        if version.item_id not in before and (notice is None or notice.release_from > at):
            raise NoticeMissing


async def record_notice(
    uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion, served_on: date, receipt: str
) -> None:
    """Record that the operator was told of a content before its first publication: the day, and the number of the receipt.

    It may be released on the day after the working days of the rules. Raises `ContentChanged`, `CalendarError`.
    """
    (version,) = await lock_as_seen(uow, [seen], State.DRAFT, State.RETURNED, State.APPROVED)
    rules = bureau.rules(uow.now)
    days = rules.notice_workdays(version.board, version.form.kind)
    if not days or version.purpose is Purpose.WITHDRAW or served_on > bureau.today(uow.now):
        raise ContentChanged
    last = bureau.calendar.add_workdays(served_on, days).due
    release_from = datetime.combine(last + timedelta(days=1), time.min, bureau.zone)
    notice = OperatorNotice(
        version.item_id, version.version, version.digest, served_on, receipt, days, release_from, person, uow.now
    )
    await gate_steps.insert_notice(uow.connection, notice)
    detail = detail_of(version, rules) | {"served_on": served_on.isoformat(), "receipt": receipt}
    uow.journal(JournalEntry(person, "notice_recorded", version.item_id, detail=detail))


async def propose_withdrawal(
    uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str, version: int, code: str, note: str
) -> None:
    """Propose to withdraw what is public; another person releases it. Raises `ContentChanged`."""
    item = await item_versions.lock_item(uow.connection, item_id)
    if item is None or item.public is None or item.public.version != version or item.public.purpose is Purpose.WITHDRAW:
        raise ContentChanged
    rules = bureau.rules(uow.now)
    last = withdrawal_deadline(item.public.form.kind, bureau.today(uow.now), rules, bureau.calendar)
    await write_withdrawals(uow, rules, [item], Form(reason_code=code, reason=note), by=person, last=last)
    uow.journal(JournalEntry(person, "withdrawal_proposed", item_id, detail={"code": code, "rules": rules.version}))


async def write_withdrawals(
    uow: UnitOfWork,
    rules: Rules,
    items: Sequence[ItemVersions],
    form: Form,
    *,
    by: str,
    ruling_id: UUID | None = None,
    last: date | None = None,
) -> None:
    """Write the versions that withdraw items for one reason; open versions are rejected.

    `last`: the day until which the rules have them released.
    """
    opened = [(item.item_id, item.open.version) for item in items if item.open]
    if opened:
        await versions.set_state(uow.connection, opened, State.REJECTED, by=by, at=uow.now)
    withdrawals = [_withdrawal(item, form, rules, by, ruling_id, last) for item in items]
    await versions.upsert_versions(uow.connection, withdrawals, at=uow.now, rules_version=rules.version)


def _withdrawal(item: ItemVersions, form: Form, rules: Rules, by: str, ruling_id: UUID | None, last: date | None) -> NewVersion:
    """Return the version that withdraws an item; its reason does not name the operator."""
    named = form.without_operator(item.public.form.operator) if item.public else form
    return NewVersion(
        item.item_id,
        item.last + 1,
        named,
        withdrawal_checks(named, rules, last),
        {},
        by,
        Purpose.WITHDRAW,
        State.APPROVED,
        ruling_id,
        urgent=True,
    )


async def lock_as_seen(uow: UnitOfWork, seen: Sequence[SeenVersion], *states: State) -> list[Version]:
    """Return the open versions, locked. Raises `ContentChanged` unless all are as seen and in one of `states`."""
    current = {v.item_id: v for v in await versions.lock_open_versions(uow.connection, [s.item_id for s in seen])}
    for version_seen in seen:
        version = current.get(version_seen.item_id)
        if version is None or version.digest_hex != version_seen.digest or version.state not in states:
            raise ContentChanged
    return [current[version_seen.item_id] for version_seen in seen]


async def publish(
    uow: UnitOfWork, bureau: BureauContext, by: str, first_seq: int, approved: Sequence[Version]
) -> list[PublicItem]:
    """Append releases to the record, replace what was public, and emit the events; all or nothing.

    `first_seq` is the next number of the release record, whose lock is held.
    Raises `asyncpg.CheckViolationError` where the gate refuses.
    """
    rules = bureau.rules(uow.now)
    ids = [version.item_id for version in approved]
    first_releases = await gate.first_release_times(uow.connection, ids)
    before = await gate.public_versions(uow.connection, ids)
    items = [_project(version, uow.now, bureau, rules, first_releases, before) for version in approved]
    bodies = [item.model_dump_json() for item in items]
    await gate.append_releases(uow.connection, first_seq, items, bodies, by=by, at=uow.now, rules_version=rules.version)
    await versions.set_state(uow.connection, list(before.items()), State.SUPERSEDED, by=by, at=uow.now)
    await versions.set_state(uow.connection, _numbers(approved), State.RELEASED, by=by, at=uow.now)
    await case_summaries.delete_texts(uow.connection, ids)
    await rulings.close_corrected(uow.connection, ids)
    await public_items.upsert_public_items(uow.connection, first_seq, items, bodies)
    for version, item, body in zip(approved, items, bodies, strict=True):
        uow.emit(event_of(item))
        kind = gate.release_kind(item)
        uow.journal(JournalEntry(by, kind, item.item_id, None, orjson.loads(body), detail_of(version, rules)))
    for (board, kind), count in Counter((item.board, gate.release_kind(item)) for item in items).items():
        ITEMS.labels(board, kind).inc(count)
    return items


def _project(
    version: Version,
    now: datetime,
    bureau: BureauContext,
    rules: Rules,
    first_releases: Mapping[str, datetime],
    before: Mapping[str, int],
) -> PublicItem:
    details = ReleaseDetails(
        item_id=version.item_id,
        board=version.board,
        version=version.version,
        released_at=now,
        first_released_at=first_releases.get(version.item_id, now),
        supersedes=before.get(version.item_id),
        expires_on=expiry(
            version.form.kind,
            version.form.content or {},
            version.board,
            rules,
            bureau.today(first_releases.get(version.item_id, now)),
        ),
        rules_version=rules.version,
    )
    project = withdrawn_item if version.purpose is Purpose.WITHDRAW else public_item
    return project(version.form, details)


def event_of(item: PublicItem) -> ItemEvent:
    """Return the event by which the topic is told of a public form."""
    match item.state:
        case ItemState.WITHDRAWN:
            return ItemWithdrawn(item=item)
        case ItemState.CORRECTED:
            return ItemCorrected(item=item)
        case _:
            return ItemReleased(item=item)


def _numbers(found: Sequence[Version]) -> list[tuple[str, int]]:
    return [(version.item_id, version.version) for version in found]


def detail_of(version: Version, rules: Rules) -> dict[str, object]:
    """Return what the journal says of a version that was decided on."""
    return {"version": version.version, "content": version.digest_hex, "rules": rules.version}
