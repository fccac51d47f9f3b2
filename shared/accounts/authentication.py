"""Signing in: counted first, then the password away from the database, then the session."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import partial

import asyncpg

from shared.accounts.attempts import Admission, Attempt, admit_attempt, settle_attempt
from shared.accounts.password_queue import PasswordQueue
from shared.accounts.person import Person
from shared.accounts.second_factor import SeedBox, find_seed, match_code
from shared.accounts.store import NO_SECOND_PROOF, find_credentials, open_proven_session
from shared.database.connections import acquire
from shared.errors import PermanentError, TransientError


class TooManyAttempts(TransientError):
    """Too many attempts to sign in; the next ones are heard after `retry_after_s`."""

    def __init__(self, admission: Admission, retry_after_s: int) -> None:
        super().__init__()
        self.admission = admission
        self.retry_after_s = retry_after_s


class CodeRequired(PermanentError):
    """The password is right; the code of the account's second factor is missing, wrong or used. `was_typed`: not missing."""

    def __init__(self, *, was_typed: bool) -> None:
        super().__init__()
        self.was_typed = was_typed


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, the token of the session, and that of the browser, which is heard while strangers wait."""

    person: Person
    token: str
    device: str
    used_recovery_code: bool = False


async def sign_in(
    pool: asyncpg.Pool, passwords: PasswordQueue, seeds: SeedBox, attempt: Attempt, password: str, code: str = ""
) -> SignedIn | None:
    """Open a session where name and password match. Raises `TooManyAttempts`, `TooManyWaiting` and `CodeRequired`."""
    passwords.require_place(is_known=bool(attempt.device))
    admission, proof = await prove_password(pool, passwords, attempt, password)
    device = attempt.device if admission is Admission.KNOWN else secrets.token_urlsafe(32)
    async with acquire(pool) as connection, connection.transaction():
        sealed = await find_seed(connection, attempt.name, proof)
        second = match_code(seeds.open(attempt.name, sealed), code, attempt.at) if sealed else NO_SECOND_PROOF
        opened = await open_proven_session(connection, attempt.name, proof, second)
        if opened is None and sealed:
            raise CodeRequired(was_typed=bool(code.strip()))
        if opened is None:
            return None
        await settle_attempt(connection, attempt, device)
    person = replace(opened[0], has_second_factor=sealed is not None)
    return SignedIn(person, opened[1], device, used_recovery_code=second.recovery is not None)


async def prove_password(
    pool: asyncpg.Pool, passwords: PasswordQueue, attempt: Attempt, password: str, *, is_signed_in: bool = False
) -> tuple[Admission, bytes]:
    """Count an attempt, and return as whose it is admitted with the proof of the password.

    `is_signed_in`: the person asks in a session. Raises `TooManyAttempts` and `TooManyWaiting`.
    """
    async with acquire(pool) as connection:
        admission = await admit_attempt(connection, attempt)
        if not admission.is_admitted:
            raise TooManyAttempts(admission, attempt.retry_after_s)
        credentials = await find_credentials(connection, attempt.name)
    is_known = is_signed_in or admission is Admission.KNOWN
    return admission, await passwords.run(partial(credentials.prove, password), is_known=is_known)
