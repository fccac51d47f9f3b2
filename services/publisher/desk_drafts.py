"""Drafting at the desk: an office writes, edits, corrects and discards the items of its kinds; nothing is public by that."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from services.publisher.bureau import BureauContext
from services.publisher.domain.checks import Check, check_deadline, check_end, kind_checks
from services.publisher.domain.desk_form import compose_form
from services.publisher.domain.drafting import ItemVersions, Purpose, State
from services.publisher.domain.form import Form
from services.publisher.domain.terms import expiry, publication_deadline
from services.publisher.kinds import Kind
from services.publisher.kinds.declaration import FilledForm
from services.publisher.releasing import ContentChanged, SeenVersion, lock_as_seen
from services.publisher.store import item_versions, rulings, versions
from services.publisher.store.versions import NewVersion, Version
from shared.errors import PermanentError
from shared.stream import JournalEntry, UnitOfWork
from shared.web.i18n import Text

EDITABLE = (State.DRAFT, State.RETURNED)
# In the detail of a check that the program gave a version later, and that stands until its cause is mended.
CARRIED = "carried"


class NaturalKeyTaken(PermanentError):
    """There is an item with these identifying fields already: `item_id`."""

    def __init__(self, item_id: str) -> None:
        super().__init__(item_id)
        self.item_id = item_id


class KeyFixed(PermanentError):
    """What a public item is known by cannot be corrected: it is withdrawn, and drafted anew."""


class FieldsDisagree(PermanentError):
    """Fields do not fit each other: `faults` by field."""

    def __init__(self, faults: Mapping[str, Text]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class NothingChanged(PermanentError):
    """A corrected version says what is public already."""


def to_form(kind: Kind, filled: FilledForm, region: str | None) -> Form:
    """Return the form of what was filled in; `filled` has no faults."""
    return compose_form(kind, filled.content, filled.operator, region)


async def create(uow: UnitOfWork, bureau: BureauContext, person: str, kind: Kind, form: Form) -> str:
    """Write a new item as a draft of a person; return its id. An item that was withdrawn makes room for it.

    Raises `NaturalKeyTaken`, `FieldsDisagree`.
    """
    _relate(kind, form)
    await item_versions.lock_drafting(uow.connection)
    key = _natural_key(kind, form)
    known = (await item_versions.lock_items(uow.connection, kind.board, [key])).get(key)
    if known and _is_given_up(known):
        await _write(uow, bureau, person, kind, known.item_id, known.last + 1, form)
        return known.item_id
    if known and not _is_withdrawn(known):
        raise NaturalKeyTaken(known.item_id)
    if known:
        await item_versions.free_keys(uow.connection, [known.item_id])
    follows = {key: known.item_id if known else None}
    year = bureau.today(uow.now).year
    item_id = (await item_versions.insert_items(uow.connection, kind.board, follows, year, uow.now, kind=kind.name))[key]
    await _write(uow, bureau, person, kind, item_id, 1, form)
    return item_id


async def edit(
    uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion, kind: Kind, form: Form, *, keeps: bool = True
) -> None:
    """Give a draft or returned version other content; it is a draft of that person then, whom another one has to approve.

    `keeps`: what nobody types stays as it is. Raises `ContentChanged`, also for what follows a ruling, `NaturalKeyTaken`,
    `KeyFixed`, `NothingChanged`, `FieldsDisagree`.
    """
    await item_versions.lock_drafting(uow.connection)
    (version,) = await lock_as_seen(uow, [seen], *EDITABLE)
    form = _keep(kind, form, version.form) if keeps else form
    form = form.model_copy(update={"response": version.form.response})
    _relate(kind, form)
    item = await _lock(uow, version.item_id, kind, version.form)
    if await rulings.fetch_pending_rulings(uow.connection, [version.item_id]):
        raise ContentChanged
    if _says(form, version.form) or (item.public and _says(form, item.public.form)):
        raise NothingChanged
    if item.public:
        form = form.as_revision_of(item.public.form, version.form.reason_code or "", version.form.reason or "")
    await _rename(uow, kind, item, form)
    carried = [check for check in version.checks if keeps and check.detail.get(CARRIED)]
    checks = [*check(uow, bureau, kind, form, is_public=item.public is not None), *carried]
    await versions.rewrite_version(uow.connection, version.item_id, version.version, form, checks, by=person, at=uow.now)
    journal_draft(uow, person, "drafted", version.item_id, version.version, form)


async def correct(
    uow: UnitOfWork,
    bureau: BureauContext,
    person: str,
    item_id: str,
    version: int,
    kind: Kind,
    form: Form,
    reason: tuple[str, str],
    *,
    keeps: bool = True,
) -> None:
    """Draft a corrected version of what is public, for a coded reason (code, text) that is published with it.

    `version` is the public one that the person had before them; `keeps`: what nobody types stays as it is.
    Raises `ContentChanged`, `KeyFixed`, `NothingChanged`, `FieldsDisagree`.
    """
    await item_versions.lock_drafting(uow.connection)
    item = await item_versions.lock_item(uow.connection, item_id)
    if item is None or item.public is None or item.open is not None or item.public.version != version:
        raise ContentChanged
    if item.public.purpose is Purpose.WITHDRAW or item.public.form.kind != kind.name:
        raise ContentChanged
    form = _keep(kind, form, item.public.form) if keeps else form
    _relate(kind, form)
    if _says(form, item.public.form):
        raise NothingChanged
    await _rename(uow, kind, item, form)
    revised = form.as_revision_of(item.public.form, *reason)
    await _write(uow, bureau, person, kind, item_id, item.last + 1, revised)


async def discard(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion) -> None:
    """Discard a draft that is not approved; what is public stays. Raises `ContentChanged`."""
    await item_versions.lock_drafting(uow.connection)
    (version,) = await lock_as_seen(uow, [seen], *EDITABLE)
    ruled = await rulings.fetch_pending_rulings(uow.connection, [version.item_id])
    if version.purpose is Purpose.WITHDRAW or ruled:
        raise ContentChanged
    number = [(version.item_id, version.version)]
    await versions.set_state(uow.connection, number, State.REJECTED, by=person, at=uow.now)
    detail = {"version": version.version, "rules": bureau.rules(uow.now).version}
    uow.journal(JournalEntry(person, "draft_discarded", version.item_id, detail=detail))


def is_editable(version: Version) -> bool:
    """Return whether its office can edit a version."""
    return version.purpose is Purpose.PUBLISH and version.state in EDITABLE


def _natural_key(kind: Kind, form: Form) -> str:
    return kind.key_of(form.content or {}, form.operator) or f"{kind.name}/{uuid4()}"


def _is_withdrawn(item: ItemVersions) -> bool:
    return item.open is None and item.public is not None and item.public.purpose is Purpose.WITHDRAW


def _is_given_up(item: ItemVersions) -> bool:
    """Return whether an item was never public and is not worked on: its draft was discarded."""
    return item.open is None and item.public is None and item.declined is None


async def _lock(uow: UnitOfWork, item_id: str, kind: Kind, form: Form) -> ItemVersions:
    item = await item_versions.lock_item(uow.connection, item_id)
    if item is None or form.kind != kind.name:
        raise ContentChanged
    return item


def _keep(kind: Kind, form: Form, earlier: Form) -> Form:
    return form.model_copy(update={"content": kind.keep(form.content or {}, earlier.content or {})})


def _relate(kind: Kind, form: Form) -> None:
    faults = kind.relations(form.content or {})
    if faults:
        raise FieldsDisagree(faults)


def _says(form: Form, other: Form) -> bool:
    return not form.changes_from(other)


async def _rename(uow: UnitOfWork, kind: Kind, item: ItemVersions, form: Form) -> None:
    """Let the natural key of an item that was never public follow the fields that it is made of."""
    if not kind.natural_key:
        return
    key = _natural_key(kind, form)
    if item.public is not None:
        if key != _natural_key(kind, item.public.form):
            raise KeyFixed
        return
    known = (await item_versions.lock_items(uow.connection, kind.board, [key])).get(key)
    if known and known.item_id == item.item_id:
        return
    if known and not (_is_given_up(known) or _is_withdrawn(known)):
        raise NaturalKeyTaken(known.item_id)
    if known:
        await item_versions.free_keys(uow.connection, [known.item_id])
    await item_versions.set_key(uow.connection, item.item_id, key)


async def _write(
    uow: UnitOfWork, bureau: BureauContext, person: str, kind: Kind, item_id: str, number: int, form: Form
) -> None:
    rules = bureau.rules(uow.now)
    checks = check(uow, bureau, kind, form, is_public=bool(form.changes))
    version = NewVersion(item_id, number, form, checks, {}, person)
    await versions.upsert_versions(uow.connection, [version], at=uow.now, rules_version=rules.version)
    journal_draft(uow, person, "drafted", item_id, number, form)


def check(uow: UnitOfWork, bureau: BureauContext, kind: Kind, form: Form, *, is_public: bool) -> list[Check]:
    """Return the checks of a form; what is public already has kept its deadline or missed it."""
    rules = bureau.rules(uow.now)
    today, content = bureau.today(uow.now), form.content or {}
    last = None if is_public else publication_deadline(kind, content, rules, bureau.calendar)
    end = expiry(kind.name, content, kind.board, rules, today)
    return [*kind_checks(form, rules, kind, check_deadline(last, today) if last else None), *check_end(end, today)]


def journal_draft(uow: UnitOfWork, person: str, action: str, item_id: str, number: int, form: Form) -> None:
    """Journal what was drafted."""
    detail = {"version": number, "kind": form.kind}
    uow.journal(JournalEntry(person, action, item_id, None, form.model_dump(mode="json"), detail))
