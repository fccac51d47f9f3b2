"""The second factor: codes of an authenticator by time (RFC 6238), and recovery codes for when it is lost.

Seeds are encrypted under a key that the database does not know, for the person they are of (`SeedBox`). A code opens one
session: the database remembers the time step of the last one. Recovery codes are stored as SHA-256 digests; they are random
and long, so a slow hash would add nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
import pyotp
import structlog

from shared.accounts.person import Role
from shared.key_file import read_or_make_key
from shared.keys import key_hash
from shared.secret_box import OtherKey, SecretBox
from shared.settings import Settings

log = structlog.get_logger(__name__)
KEY_FILE = "second-factor.key"
PURPOSE = "second factors"

# Who takes a step of the gate or decides an application.
ROLES = frozenset({Role.GATEKEEPER, Role.REVIEWER, Role.OFFICER})
# 160 bits, as RFC 4226 recommends for SHA-1, which is what every authenticator knows.
SEED_LENGTH = 32
STEP_S = 30
# Steps before and after the present one: the clock of a telephone, and the time that typing takes.
DRIFT = (0, -1, 1)
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
_SEPARATORS = re.compile(r"[\s-]+")
_TOTP = re.compile(r"[0-9]{6}", re.ASCII)
_RECOVERY = re.compile(r"[A-Z2-7]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SecondProof:
    """What is used up at a sign-in: a time step, or the digest of a recovery code; nothing where the account needs none."""

    step: int | None = None
    recovery: bytes | None = None

    @property
    def is_given(self) -> bool:
        """Whether there is either."""
        return self.step is not None or self.recovery is not None


@dataclass(frozen=True, slots=True)
class OwnSecondFactor:
    """The factor that a person has in use, since when, and how many recovery codes are left."""

    confirmed_at: datetime
    recovery_codes: int


class SeedBox:
    """Seals the seed of a person, and opens it again."""

    def __init__(self, key: bytes) -> None:
        self._box = SecretBox(key, PURPOSE)

    @classmethod
    def load(cls, settings: Settings) -> SeedBox:
        """Return the box under the installation's key, which is made on the first start. Raises `KeyTooShort`."""
        return cls(read_or_make_key(key_file(settings)))

    def seal(self, name: str, seed: str) -> str:
        """Return what is stored of the seed of that person."""
        return self._box.encrypt(seed, name).decode()

    def open(self, name: str, sealed: str) -> str | None:
        """Return the seed; None where it was sealed under another key or for somebody else, which is logged."""
        try:
            return self._box.decrypt(sealed.encode(), name)
        except OtherKey:
            log.error("second_factor_unreadable")  # noqa: TRY400 - where is of no interest
            return None


def key_file(settings: Settings) -> Path:
    """Return where the key of the seeds is."""
    return settings.second_factor_key or settings.home / KEY_FILE


def generate_seed() -> str:
    """Return a new seed in Base32."""
    return pyotp.random_base32(SEED_LENGTH)


def generate_recovery_codes() -> list[str]:
    """Return new recovery codes of 80 bits, as they are shown once."""
    codes = (b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def provisioning_uri(seed: str, name: str, issuer: str) -> str:
    """Return the address that an authenticator reads from the QR code."""
    return str(pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=issuer))


def match_code(seed: str | None, typed: str, at: datetime) -> SecondProof:
    """Return what a typed code proves: spaces and dashes do not count, nor does case. Without a seed a recovery code does."""
    code = _SEPARATORS.sub("", typed).upper()
    if _RECOVERY.fullmatch(code):
        return SecondProof(recovery=recovery_digest(code))
    if seed is not None and _TOTP.fullmatch(code):
        now, totp = int(at.timestamp()) // STEP_S, pyotp.TOTP(seed)
        for step in (now + drift for drift in DRIFT):
            if hmac.compare_digest(totp.at(step * STEP_S), code):
                return SecondProof(step=step)
    return SecondProof()


def recovery_digest(code: str) -> bytes:
    """Return what is stored of a recovery code."""
    return key_hash(_SEPARATORS.sub("", code).upper())


SEED = "SELECT accounts.second_factor_seed($1, $2)"


async def find_seed(connection: asyncpg.Connection, name: str, proof: bytes) -> str | None:
    """Return the sealed seed of the factor in use, of who proves to know the password; None without one."""
    sealed: str | None = await connection.fetchval(SEED, name, proof)
    return sealed


OWN = "SELECT confirmed_at, recovery_codes FROM accounts.own_second_factor($1)"


async def fetch_own(connection: asyncpg.Connection, token: str) -> OwnSecondFactor | None:
    """Return the factor of a session's person; None without one."""
    row = await connection.fetchrow(OWN, key_hash(token))
    return OwnSecondFactor(**dict(row)) if row else None


BEGIN = "SELECT accounts.begin_second_factor($1, $2, $3)"


async def begin(connection: asyncpg.Connection, token: str, proof: bytes, sealed: str) -> bool:
    """Begin to set up a factor of a session's person; return whether the proof is that of the password and none is in use."""
    return bool(await connection.fetchval(BEGIN, key_hash(token), proof, sealed))


BEGUN_SEED = "SELECT accounts.begun_seed($1)"


async def find_begun_seed(connection: asyncpg.Connection, token: str) -> str | None:
    """Return the sealed seed that a session's person is setting up, for ten minutes."""
    sealed: str | None = await connection.fetchval(BEGUN_SEED, key_hash(token))
    return sealed


CONFIRM = "SELECT accounts.confirm_second_factor($1, $2, $3, $4)"


async def confirm(connection: asyncpg.Connection, token: str, sealed: str, step: int, codes: list[str]) -> bool:
    """Take the factor that is being set up into use, with its recovery codes; return whether there was one."""
    digests = [recovery_digest(code) for code in codes]
    return bool(await connection.fetchval(CONFIRM, key_hash(token), sealed, step, digests))


REMOVE = "SELECT accounts.remove_second_factor($1, $2, $3, $4)"


async def remove(connection: asyncpg.Connection, token: str, proof: bytes, second: SecondProof) -> bool:
    """Take the factor of a session's person out of use, with password and code; return whether that was done."""
    return bool(await connection.fetchval(REMOVE, key_hash(token), proof, second.step, second.recovery))


IN_CLEAR = "SELECT person, seed FROM accounts.second_factors WHERE seed ~ '^[A-Z2-7]{32}$' FOR UPDATE"
REPLACE = "UPDATE accounts.second_factors SET seed = $2 WHERE person = $1"
VALIDATE = "ALTER TABLE accounts.second_factors VALIDATE CONSTRAINT second_factors_seed_is_sealed"


async def seal_seeds(connection: asyncpg.Connection, box: SeedBox) -> int:
    """Seal the seeds of earlier versions, as the database's owner; return how many. From then on none is stored in clear."""
    async with connection.transaction():
        rows = await connection.fetch(IN_CLEAR)
        await connection.executemany(REPLACE, [(row["person"], box.seal(row["person"], row["seed"])) for row in rows])
        await connection.execute(VALIDATE)
    return len(rows)
