"""The second factor: codes of an authenticator by time (RFC 6238), and recovery codes for when it is lost.

A code opens one session: the database remembers the time step of the last one. Recovery codes are stored as SHA-256 digests;
they are random and long, so a slow hash would add nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import pyotp

from shared.accounts.person import Role
from shared.keys import key_hash

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


def match_code(seed: str, typed: str, at: datetime) -> SecondProof:
    """Return what a typed code proves: spaces and dashes do not count, nor does case."""
    code = _SEPARATORS.sub("", typed).upper()
    if _RECOVERY.fullmatch(code):
        return SecondProof(recovery=recovery_digest(code))
    now, totp = int(at.timestamp()) // STEP_S, pyotp.TOTP(seed)
    if _TOTP.fullmatch(code):
        for step in (now + drift for drift in DRIFT):
            if hmac.compare_digest(totp.at(step * STEP_S), code):
                return SecondProof(step=step)
    return SecondProof()


def recovery_digest(code: str) -> bytes:
    """Return what is stored of a recovery code."""
    return key_hash(_SEPARATORS.sub("", code).upper())


SEED = "SELECT accounts.second_factor_seed($1, $2)"


async def find_seed(connection: asyncpg.Connection, name: str, proof: bytes) -> str | None:
    """Return the seed of the factor in use, of who proves to know the password; None without one."""
    seed: str | None = await connection.fetchval(SEED, name, proof)
    return seed


OWN = "SELECT confirmed_at, recovery_codes FROM accounts.own_second_factor($1)"


async def fetch_own(connection: asyncpg.Connection, token: str) -> OwnSecondFactor | None:
    """Return the factor of a session's person; None without one."""
    row = await connection.fetchrow(OWN, key_hash(token))
    return OwnSecondFactor(**dict(row)) if row else None


BEGIN = "SELECT accounts.begin_second_factor($1, $2, $3)"


async def begin(connection: asyncpg.Connection, token: str, proof: bytes, seed: str) -> bool:
    """Begin to set up a factor of a session's person; return whether the proof is that of the password and none is in use."""
    return bool(await connection.fetchval(BEGIN, key_hash(token), proof, seed))


BEGUN_SEED = "SELECT accounts.begun_seed($1)"


async def find_begun_seed(connection: asyncpg.Connection, token: str) -> str | None:
    """Return the seed that a session's person is setting up, for ten minutes."""
    seed: str | None = await connection.fetchval(BEGUN_SEED, key_hash(token))
    return seed


CONFIRM = "SELECT accounts.confirm_second_factor($1, $2, $3, $4)"


async def confirm(connection: asyncpg.Connection, token: str, seed: str, step: int, codes: list[str]) -> bool:
    """Take the factor that is being set up into use, with its recovery codes; return whether there was one."""
    digests = [recovery_digest(code) for code in codes]
    return bool(await connection.fetchval(CONFIRM, key_hash(token), seed, step, digests))


REMOVE = "SELECT accounts.remove_second_factor($1, $2, $3, $4)"


async def remove(connection: asyncpg.Connection, token: str, proof: bytes, second: SecondProof) -> bool:
    """Take the factor of a session's person out of use, with password and code; return whether that was done."""
    return bool(await connection.fetchval(REMOVE, key_hash(token), proof, second.step, second.recovery))
