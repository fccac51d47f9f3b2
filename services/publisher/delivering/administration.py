"""What staff do with targets: register, pause, resume, send again, try, rotate secrets, remove. Each act is in the journal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.publisher.channels import load_channels, target_channels
from services.publisher.channels.declaration import Message, Sender
from services.publisher.channels.signing import generate_secret
from services.publisher.domain.delivery import Reply
from services.publisher.domain.target import TARGET_ID, Target, TargetState, is_address
from services.publisher.kinds import KINDS
from services.publisher.store import deliveries, targets
from shared.contracts import Board
from shared.errors import PermanentError
from shared.identifiers import canonical_uscc
from shared.keys import generate_key, key_hash
from shared.reference import regions
from shared.secret_box import SecretBox
from shared.stream import Database, JournalEntry, UnitOfWork

PURPOSE = "targets"
FORMER_SECRET_HOLDS = timedelta(days=7)
# Kinds that no office drafts at the desk.
OTHER_KINDS = frozenset({"operator_month", "major_complaint"})
NO_TARGET = "There is no target {}; `gongshi targets list` lists them."


class UnknownTarget(PermanentError):
    """There is no such target."""


class InvalidTarget(PermanentError):
    """A target cannot be registered like that."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the people of a target are given once: the secret that signs, and the key by which they read their log."""

    secret: str
    key: str


def secret_box(key: bytes) -> SecretBox:
    """Return the box of the targets' secrets, under the key of this installation."""
    return SecretBox(key, PURPOSE)


def file_path(target_id: str) -> str:
    """Return where the people of a target fetch its file."""
    return f"/api/targets/{target_id}/file"


def check_target(target: Target, *, plain_allowed: bool) -> Target:
    """Return the target as it can be registered; one whose people fetch a file has no address. Raises `InvalidTarget`."""
    channel = target_channels().get(target.channel)
    is_fetched = channel is not None and channel.deliver is None
    address, scope = file_path(target.target_id) if is_fetched else target.address, target.scope
    faults = {
        "id": not re.fullmatch(TARGET_ID, target.target_id),
        "name": not 1 <= len(target.name.strip()) <= 60,  # noqa: PLR2004 as the column
        "channel": channel is None,
        "address": bool(target.address) if is_fetched else not is_address(address, plain_allowed=plain_allowed),
        "board": not set(scope.boards) <= {board.value for board in Board},
        "kind": not set(scope.kinds) <= KINDS.keys() | OTHER_KINDS,
        "region": not set(scope.regions) <= regions().keys(),
        "operator": any(canonical_uscc(code) != code for code in scope.operators),
        "rate": target.per_minute is not None and target.per_minute < 1,
    }
    wrong = [name for name, is_wrong in faults.items() if is_wrong]
    if wrong or channel is None:
        raise InvalidTarget(f"{target.target_id}: not allowed: {', '.join(wrong)}")
    kinds = scope.kinds or channel.kinds
    if channel.kinds and not set(kinds) <= set(channel.kinds):
        raise InvalidTarget(f"{target.target_id}: the channel carries only {', '.join(channel.kinds)}")
    return replace(target, name=target.name.strip(), address=address, scope=replace(scope, kinds=kinds))


async def register(
    uow: UnitOfWork, actor: str, box: SecretBox, target: Target, *, plain_allowed: bool = False
) -> Credentials | None:
    """Register a target, or change one, which keeps its secret. Return what its people need. Raises `InvalidTarget`."""
    checked = check_target(target, plain_allowed=plain_allowed)
    credentials = Credentials(generate_secret(), generate_key())
    is_new = await targets.upsert_target(uow.connection, checked, box.encrypt(credentials.secret), key_hash(credentials.key))
    detail = {"place": checked.place, "channel": checked.channel, "boards": list(checked.scope.boards)}
    uow.journal(JournalEntry(actor, "target_registered", checked.target_id, detail=detail))
    return credentials if is_new else None


async def rotate(uow: UnitOfWork, actor: str, box: SecretBox, target_id: str, keep: timedelta = FORMER_SECRET_HOLDS) -> str:
    """Return a new secret; the one before signs too for as long as `keep`. Raises `UnknownTarget`."""
    secret = generate_secret()
    until = uow.now + keep if keep > timedelta(0) else None
    _require(await targets.rotate_secret(uow.connection, target_id, box.encrypt(secret), until), target_id)
    uow.journal(JournalEntry(actor, "target_secret_made", target_id))
    return secret


async def pause(uow: UnitOfWork, actor: str, target_id: str) -> None:
    """Let what is released wait until the target is resumed. Raises `UnknownTarget`."""
    await _set_state(uow, actor, target_id, TargetState.PAUSED, "target_paused")


async def resume(uow: UnitOfWork, actor: str, target_id: str) -> None:
    """Let what waits be sent, also where the target was disabled. Raises `UnknownTarget`."""
    await _set_state(uow, actor, target_id, TargetState.ACTIVE, "target_resumed")
    await deliveries.make_due(uow.connection, target_id, uow.now)


async def resend(uow: UnitOfWork, actor: str, target_id: str, after_seq: int = 0) -> int:
    """Send again the newest version of what was released after a number; return of how many items. Raises `UnknownTarget`."""
    _require(bool(await targets.fetch_targets(uow.connection, uow.now, None, target_id)), target_id)
    count = await deliveries.resend(uow.connection, target_id, after_seq, uow.now)
    uow.journal(JournalEntry(actor, "target_resent", target_id, detail={"after": after_seq, "items": count}))
    return count


async def remove(uow: UnitOfWork, actor: str, target_id: str) -> None:
    """Remove a target. Raises `UnknownTarget`."""
    _require(await targets.remove_target(uow.connection, target_id, uow.now), target_id)
    uow.journal(JournalEntry(actor, "target_removed", target_id))


async def send_test(database: Database, sender: Sender, box: SecretBox, target_id: str, actor: str) -> Reply:
    """Send a message that tells of no item, log the attempt and journal who wanted it. Raises `UnknownTarget`."""
    at = database.clock()
    async with database.snapshot() as connection:
        found = await targets.fetch_targets(connection, at, box, target_id)
    _require(bool(found), target_id)
    target = found[0]
    channel = load_channels()[target.channel]
    message = Message(f"{target_id}.test.{int(at.timestamp())}", _test_body(at))
    reply = await channel.deliver(target, message, sender) if channel.deliver else Reply(error="not_carried")
    async with database.unit_of_work() as uow:
        await deliveries.insert_attempt(uow.connection, target_id, message.message_id, uow.now, reply)
        uow.journal(JournalEntry(actor, "target_tested", target_id))
    return reply


def _test_body(at: datetime) -> dict[str, object]:
    return {"type": "gongshi.test", "timestamp": at.isoformat(), "data": {}}


async def _set_state(uow: UnitOfWork, actor: str, target_id: str, state: TargetState, action: str) -> None:
    _require(bool(await targets.fetch_targets(uow.connection, uow.now, None, target_id)), target_id)
    if await targets.set_state(uow.connection, target_id, state):
        uow.journal(JournalEntry(actor, action, target_id))


def _require(found: bool, target_id: str) -> None:  # noqa: FBT001 what a statement returned
    if not found:
        raise UnknownTarget(NO_TARGET.format(target_id))
