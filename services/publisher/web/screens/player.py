"""Who asks for a screen: the player that has its secret, in a cookie or in its address, or anybody else, who gets a preview."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hmac import compare_digest

from fastapi import Request, Response

from services.publisher import screen_pairing
from services.publisher.bureau import BureauContext
from services.publisher.domain.pairing import pairing_code
from services.publisher.store import screens
from services.publisher.store.screens import OPEN, Screen
from shared.keys import generate_key, key_hash
from shared.stream import Database

COOKIE = "gongshi_screen"
# As long as browsers keep any cookie; each page renews it.
COOKIE_AGE_S = 400 * 86_400
# As `generate_key` makes them.
SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Player:
    """A browser that asks for a screen. `credential` is what its leases stand on; a preview has none, but a pairing code."""

    screen: Screen
    secret: str
    credential: str | None
    code: str
    in_address: bool

    @property
    def base(self) -> str:
        """The path below which this player finds its events: with the secret where no cookie carries it."""
        path = f"/screens/{self.screen.screen_id}"
        return f"{path}/key/{self.secret}" if self.in_address else path

    def keep_secret(self, request: Request, response: Response) -> None:
        """Have the player's browser keep its secret, for this screen alone."""
        if self.in_address or self.screen.is_open:
            return
        response.set_cookie(
            COOKIE, self.secret, max_age=COOKIE_AGE_S, path=f"/screens/{self.screen.screen_id}", httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip


async def identify_player(request: Request, database: Database, bureau: BureauContext, screen_id: str) -> Player | None:
    """Return who asks for a screen, paired now if staff have entered its code; None where there is no such screen."""
    async with database.snapshot() as connection:
        screen = await screens.fetch_screen(connection, screen_id)
    if screen is None:
        return None
    if screen.is_open:
        return Player(screen, "", OPEN, "", in_address=False)
    address_secret = request.path_params.get("secret", "")
    if _is_secret_of(screen, address_secret):
        return Player(screen, address_secret, screen.credential, "", in_address=True)
    secret = request.cookies.get(COOKIE, "")
    if not SECRET.fullmatch(secret):
        secret = generate_key()
    code = pairing_code(secret, screen_id, bureau.lease_key)
    if screen.pairing_code == code:
        async with database.unit_of_work() as uow:
            await screen_pairing.claim(uow, screen_id, code, secret)
            screen = await screens.fetch_screen(uow.connection, screen_id) or screen
    credential = screen.credential if _is_secret_of(screen, secret) else None
    return Player(screen, secret, credential, code, in_address=False)


def _is_secret_of(screen: Screen, secret: str) -> bool:
    return screen.secret_hash is not None and compare_digest(key_hash(secret), screen.secret_hash)
