"""Release, withdrawal and the steps before them: the only way to the release record, for the desk and for rulings alike."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.publisher.domain.checks import withdrawal_checks
from services.publisher.domain.drafting import Existing, Purpose, State
from services.publisher.domain.form import Form
from services.publisher.domain.personal import personal_data
from services.publisher.office import Office
from services.publisher.projection import Release, public_item, withdrawn_item
from services.publisher.store import gate, public, versions
from services.publisher.store.versions import NewVersion, Version
from shared.contracts import ItemCorrected, ItemReleased, ItemState, ItemWithdrawn, PublicItem, RulingMade
from shared.contracts.publications import ItemEvent
from shared.errors import PermanentError
from shared.rules import Rules
from shared.stream import Entry, Unit

MONTHS = 12


class ContentChanged(PermanentError):
    """Somebody else has changed or decided this in the meantime."""


class NotReleasable(PermanentError):
    """A check fails, so that nobody can approve or release this."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An item as somebody saw it when they decided: its id and the digest of its content, in hexadecimal."""

    item_id: str
    digest: str


async def review(unit: Unit, office: Office, person: str, seen: Sequence[Seen]) -> int:
    """Approve drafts as a reviewer; return how many are now waiting for release. Raises `ContentChanged`."""
    drafts = await _as_seen(unit, seen, State.DRAFT)
    rules = office.rules(unit.now)
    await gate.approve(
        unit.connection, [(d.item_id, d.version, d.digest) for d in drafts],
        person=person, step="review", at=unit.now, rules_version=rules.version,
    )  # fmt: skip
    given = [a for a in await gate.approvals(unit.connection, [d.item_id for d in drafts]) if a.step == "review" and a.current]
    ready = [d for d in drafts if _reviews(given, d) >= rules.boards[d.board].reviewers]
    if ready:
        await versions.move(unit.connection, _numbers(ready), State.APPROVED, by=person, at=unit.now)
    for draft in drafts:
        unit.record(Entry(person, "approved", draft.item_id, detail=_detail(draft, rules)))
    return len(ready)


def _reviews(given: Sequence[gate.Approval], draft: Version) -> int:
    return len({a.person for a in given if (a.item_id, a.version) == (draft.item_id, draft.version)})


async def send_back(unit: Unit, office: Office, person: str, seen: Seen, code: str, note: str) -> None:
    """Return a draft or an approved version to those who drafted it. Raises `ContentChanged`."""
    (draft,) = await _as_seen(unit, [seen], State.DRAFT, State.APPROVED)
    await versions.move(unit.connection, _numbers([draft]), State.RETURNED, by=person, at=unit.now, code=code, note=note)
    unit.record(Entry(person, "returned", draft.item_id, detail=_detail(draft, office.rules(unit.now)) | {"code": code}))


async def reject(unit: Unit, office: Office, person: str, seen: Seen, code: str, note: str) -> None:
    """Decide not to publish a version, on a ground of the rules (不予公示). Raises `ContentChanged`."""
    (draft,) = await _as_seen(unit, [seen], State.DRAFT, State.RETURNED, State.APPROVED)
    await versions.move(unit.connection, _numbers([draft]), State.REJECTED, by=person, at=unit.now, code=code, note=note)
    unit.record(Entry(person, "rejected", draft.item_id, detail=_detail(draft, office.rules(unit.now)) | {"code": code}))


async def release(unit: Unit, office: Office, person: str, seen: Sequence[Seen]) -> list[PublicItem]:
    """Release approved versions as the gatekeeper; return what is public now.

    Raises `ContentChanged`, `NotReleasable`, and the database's own refusal where the gate is not satisfied.
    """
    first_seq = await gate.lock_releases(unit.connection) + 1
    approved = await _as_seen(unit, seen, State.APPROVED)
    if any(personal_data(version.form) for version in approved):
        raise NotReleasable
    await gate.approve(
        unit.connection, [(v.item_id, v.version, v.digest) for v in approved],
        person=person, step="release", at=unit.now, rules_version=office.rules(unit.now).version,
    )  # fmt: skip
    return await _publish(unit, office, person, first_seq, approved)


async def propose_withdrawal(unit: Unit, office: Office, person: str, item_id: str, version: int, code: str, note: str) -> None:
    """Propose to withdraw what is public; another person releases it. Raises `ContentChanged`."""
    item = await versions.existing_item(unit.connection, item_id)
    if item is None or item.public is None or item.public.version != version or item.public.purpose is Purpose.WITHDRAW:
        raise ContentChanged
    rules = office.rules(unit.now)
    await _write_withdrawal(unit, rules, item, Form(reason_code=code, reason=note), by=person)
    unit.record(Entry(person, "withdrawal_proposed", item_id, detail={"code": code, "rules": rules.version}))


async def withdraw_by_ruling(unit: Unit, office: Office, ruling: RulingMade) -> bool:
    """Withdraw an item as a ruling says, which is its authority; return whether anything was public."""
    first_seq = await gate.lock_releases(unit.connection) + 1
    item = await versions.existing_item(unit.connection, ruling.item_id)
    if item is None or item.public is None or item.public.purpose is Purpose.WITHDRAW:
        return False
    form = Form(reason_code=ruling.reason_code, reason=ruling.public_reason)
    rules = office.rules(unit.now)
    await _write_withdrawal(unit, rules, item, form, by=ruling.reply_number, ruling_id=ruling.ruling_id)
    written = await versions.locked_open(unit.connection, [item.item_id])
    await _publish(unit, office, ruling.reply_number, first_seq, written)
    return True


async def _write_withdrawal(
    unit: Unit, rules: Rules, item: Existing, form: Form, *, by: str, ruling_id: UUID | None = None
) -> None:
    """Write the version that withdraws an item, in the place of whatever was at work."""
    if item.open:
        await versions.move(unit.connection, [(item.item_id, item.open.version)], State.REJECTED, by=by, at=unit.now)
    version = NewVersion(
        item.item_id, item.last + 1, form, withdrawal_checks(form, rules), {}, Purpose.WITHDRAW, State.APPROVED, ruling_id
    )
    await versions.write(unit.connection, [version], by=by, at=unit.now, rules_version=rules.version)


async def _as_seen(unit: Unit, seen: Sequence[Seen], *states: State) -> list[Version]:
    """Return the versions at work, locked, if all are as they were seen."""
    current = {v.item_id: v for v in await versions.locked_open(unit.connection, [s.item_id for s in seen])}
    for one in seen:
        version = current.get(one.item_id)
        if version is None or version.seen != one.digest or version.state not in states:
            raise ContentChanged
    return [current[one.item_id] for one in seen]


async def _publish(unit: Unit, office: Office, by: str, first_seq: int, approved: Sequence[Version]) -> list[PublicItem]:
    """Record releases, put them in the place of what was public, and say so; all or nothing."""
    rules = office.rules(unit.now)
    ids = [version.item_id for version in approved]
    firsts = await gate.first_releases(unit.connection, ids)
    before = await gate.public_versions(unit.connection, ids)
    items = [_projected(version, unit.now, office, rules, firsts, before) for version in approved]
    await gate.record_releases(unit.connection, first_seq, items, by=by, at=unit.now, rules_version=rules.version)
    await versions.move(unit.connection, list(before.items()), State.SUPERSEDED, by=by, at=unit.now)
    await versions.move(unit.connection, _numbers(approved), State.RELEASED, by=by, at=unit.now)
    await public.publish(unit.connection, first_seq, items)
    for version, item in zip(approved, items, strict=True):
        unit.emit(_event(item))
        unit.record(Entry(by, gate.kind_of(item), item.item_id, None, item.model_dump(mode="json"), _detail(version, rules)))
    return items


def _projected(
    version: Version, now: datetime, office: Office, rules: Rules, firsts: Mapping[str, datetime], before: Mapping[str, int]
) -> PublicItem:
    circumstances = Release(
        item_id=version.item_id,
        board=version.board,
        version=version.version,
        released_at=now,
        first_released_at=firsts.get(version.item_id, now),
        supersedes=before.get(version.item_id),
        expires_on=_expiry(office.today(firsts.get(version.item_id, now)), rules.boards[version.board].term_months),
        rules_version=rules.version,
    )
    projected = withdrawn_item if version.purpose is Purpose.WITHDRAW else public_item
    return projected(version.form, circumstances)


def _expiry(day: date, months: int | None) -> date | None:
    """Return the last day of a term of months from `day` on."""
    if months is None:
        return None
    years, month = divmod(day.month - 1 + months, MONTHS)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _event(item: PublicItem) -> ItemEvent:
    match item.state:
        case ItemState.WITHDRAWN:
            return ItemWithdrawn(item=item)
        case ItemState.CORRECTED:
            return ItemCorrected(item=item)
        case _:
            return ItemReleased(item=item)


def _numbers(found: Sequence[Version]) -> list[tuple[str, int]]:
    return [(version.item_id, version.version) for version in found]


def _detail(version: Version, rules: Rules) -> dict[str, object]:
    return {"version": version.version, "content": version.seen, "rules": rules.version}
