"""Setting up a second factor at the own account, and taking it out of use; each needs the password again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from shared.accounts import NO_SECOND_PROOF, Person, TooManyAttempts, TooManyWaiting, prove_password, second_factor
from shared.database.connections import acquire
from shared.security_events import SecurityEvent, report
from shared.stream import Database, JournalEntry
from shared.web.i18n import Text, _
from shared.web.languages import negotiate_language
from shared.web.own_account import BUSY, WRONG, Password, PersonDep, Setup, render_account
from shared.web.pages import get_pages
from shared.web.parameters import SecretText
from shared.web.qr_codes import draw_qr_code
from shared.web.session import DatabaseDep, session_token
from shared.web.sign_in import MAX_CODE, account_path, attempt_of

WRONG_CODE = _("验证码不正确或者已经用过，请等验证器显示下一组数字。")
WRONG_PROOF = _("现在的密码或验证码不正确。")
TOO_LATE = _("已超过10分钟，请重新开始。")
Code = Annotated[SecretText, Form(max_length=MAX_CODE)]


def create_router(service: str) -> APIRouter:
    """Return the routes of the second factor at one service's desk."""
    routes = APIRouter(include_in_schema=False)
    path = f"{account_path(service)}/second-factor"

    @routes.post(f"{path}/begin")
    async def begin(request: Request, database: DatabaseDep, person: PersonDep, factor_current: Password = "") -> Response:
        return await OwnFactor(service, request, database, person).begin(factor_current)

    @routes.post(f"{path}/confirm")
    async def confirm(request: Request, database: DatabaseDep, person: PersonDep, factor_code: Code = "") -> Response:
        return await OwnFactor(service, request, database, person).confirm(factor_code)

    @routes.post(f"{path}/remove")
    async def remove(
        request: Request, database: DatabaseDep, person: PersonDep, factor_current: Password = "", factor_code: Code = ""
    ) -> Response:
        return await OwnFactor(service, request, database, person).remove(factor_current, factor_code)

    return routes


@dataclass(frozen=True, slots=True)
class OwnFactor:
    """One request about the second factor of the person who asks."""

    service: str
    request: Request
    database: Database
    person: Person

    @property
    def seeds(self) -> second_factor.SeedBox:
        """What seals the seeds."""
        seeds: second_factor.SeedBox = self.request.app.state.seeds
        return seeds

    async def begin(self, password: str) -> Response:
        """Show a new seed, which waits for ten minutes to be confirmed."""
        proof = await self._prove(password)
        if proof is None:
            return await self._refuse("factor_current", BUSY)
        seed = second_factor.generate_seed()
        sealed = self.seeds.seal(self.person.name, seed)
        async with self.database.unit_of_work() as uow:
            begun = await second_factor.begin(uow.connection, session_token(self.request), proof, sealed)
        return await self._render(setup=self._setup(seed)) if begun else await self._refuse("factor_current", WRONG)

    async def confirm(self, code: str) -> Response:
        """Take the seed into use with its first code, and show the recovery codes."""
        token = session_token(self.request)
        async with acquire(self.database.pool) as connection:
            sealed = await second_factor.find_begun_seed(connection, token)
        seed = self.seeds.open(self.person.name, sealed) if sealed else None
        if sealed is None or seed is None:
            return await self._refuse("factor_current", TOO_LATE)
        step = second_factor.match_code(seed, code, self.database.clock()).step
        codes = second_factor.generate_recovery_codes()
        async with self.database.unit_of_work() as uow:
            confirmed = step is not None and await second_factor.confirm(uow.connection, token, sealed, step, codes)
            if confirmed:
                uow.journal(JournalEntry(self.person.name, "second_factor_set", self.person.name))
        if not confirmed:
            return await self._refuse("factor_code", WRONG_CODE, self._setup(seed))
        report(SecurityEvent.SECOND_FACTOR_CHANGED, service=self.service)
        return await self._render(recovery_codes=codes)

    async def remove(self, password: str, code: str) -> Response:
        """Take the factor out of use, with password and code."""
        proof = await self._prove(password)
        if proof is None:
            return await self._refuse("factor_current", BUSY)
        async with self.database.unit_of_work() as uow:
            sealed = await second_factor.find_seed(uow.connection, self.person.name, proof)
            seed = self.seeds.open(self.person.name, sealed) if sealed else None
            second = second_factor.match_code(seed, code, self.database.clock()) if sealed else NO_SECOND_PROOF
            removed = await second_factor.remove(uow.connection, session_token(self.request), proof, second)
            if removed:
                uow.journal(JournalEntry(self.person.name, "second_factor_removed", self.person.name))
        if not removed:
            return await self._refuse("factor_current", WRONG_PROOF)
        report(SecurityEvent.SECOND_FACTOR_CHANGED, service=self.service)
        return RedirectResponse(f"{account_path(self.service)}?notice=factor_removed", HTTPStatus.SEE_OTHER)

    async def _prove(self, password: str) -> bytes | None:
        """Return the proof of a password, which is counted as at the sign-in; None where too many were tried."""
        attempt = attempt_of(self.request, self.person.name, self.database.clock())
        passwords = self.request.app.state.passwords
        try:
            _admission, proof = await prove_password(self.database.pool, passwords, attempt, password, is_signed_in=True)
        except (TooManyAttempts, TooManyWaiting):
            report(SecurityEvent.SIGN_IN_BLOCKED, service=self.service)
            return None
        return proof

    async def _render(self, *, setup: Setup | None = None, recovery_codes: Sequence[str] | None = None) -> Response:
        return await render_account(
            self.request, self.database, self.service, self.person, setup=setup, recovery_codes=recovery_codes
        )

    async def _refuse(self, field: str, error: Text, setup: Setup | None = None) -> Response:
        status = HTTPStatus.TOO_MANY_REQUESTS if error is BUSY else HTTPStatus.UNPROCESSABLE_ENTITY
        errors = [(field, error)]
        return await render_account(self.request, self.database, self.service, self.person, errors, status, setup=setup)

    def _setup(self, seed: str) -> Setup:
        """Return what a telephone reads; the issuer is the bureau, so that the entry is found among others."""
        pages, language = get_pages(self.request), negotiate_language(self.request)
        uri = second_factor.provisioning_uri(seed, self.person.name, pages.site.bureau(language))
        groups = " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))
        return Setup(groups, draw_qr_code(uri, pages.text(language, _("二维码：密钥"))))
