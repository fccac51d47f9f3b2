"""What staff do with screens: register, pair, give a new secret, remove. Each act is in the journal, and no secret with it."""

from __future__ import annotations

from services.publisher.domain.pairing import PAIRING_DURATION
from services.publisher.store import pairing, screens
from services.publisher.store.screens import Screen
from shared.errors import PermanentError
from shared.keys import generate_key, key_hash
from shared.stream import JournalEntry, UnitOfWork

NO_SCREEN = "There is no screen {} that has a secret; `gongshi screens list` lists them."


class UnknownScreen(PermanentError):
    """No screen is registered with this id, or it is an open one, which has no secret."""


async def register(uow: UnitOfWork, actor: str, screen: Screen) -> str | None:
    """Register or update a screen; return the secret of one that had none and is not open, which is stored as a hash."""
    await screens.register_screen(uow.connection, screen)
    detail = {
        "region": screen.region, "language": screen.language, "orientation": screen.orientation, "open": screen.is_open,
        "boards": list(screen.boards), "operators": len(screen.operators),
    }  # fmt: skip
    uow.journal(JournalEntry(actor, "screen_registered", screen.screen_id, detail=detail))
    registered = await screens.fetch_screen(uow.connection, screen.screen_id)
    if registered is None or registered.credential is not None:
        return None
    return await replace_secret(uow, actor, screen.screen_id)


async def replace_secret(uow: UnitOfWork, actor: str, screen_id: str) -> str:
    """Return a new secret of a screen; the player with the old one is not the screen any more. Raises `UnknownScreen`."""
    secret = generate_key()
    if not await pairing.set_secret(uow.connection, screen_id, key_hash(secret), uow.now):
        raise UnknownScreen(NO_SCREEN.format(screen_id))
    uow.journal(JournalEntry(actor, "screen_secret_made", screen_id))
    return secret


async def pair(uow: UnitOfWork, actor: str, screen_id: str, code: str) -> None:
    """Let the player that shows `code` be this screen, once it asks again. Raises `UnknownScreen`."""
    if not await pairing.set_pairing_code(uow.connection, screen_id, code, uow.now + PAIRING_DURATION):
        raise UnknownScreen(NO_SCREEN.format(screen_id))
    uow.journal(JournalEntry(actor, "screen_pairing_allowed", screen_id))


async def claim(uow: UnitOfWork, screen_id: str, code: str, secret: str) -> bool:
    """Pair the player with this secret if staff have entered its code; return whether it is paired now."""
    if not await pairing.claim_screen(uow.connection, screen_id, code, key_hash(secret), uow.now):
        return False
    uow.journal(JournalEntry(f"screen {screen_id}", "screen_paired", screen_id))
    return True


async def remove(uow: UnitOfWork, actor: str, screen_id: str) -> None:
    """Remove a screen: its address shows nothing any more. Raises `UnknownScreen`."""
    if not await pairing.remove_screen(uow.connection, screen_id, uow.now):
        raise UnknownScreen(NO_SCREEN.format(screen_id))
    uow.journal(JournalEntry(actor, "screen_removed", screen_id))
