"""Who is signed in: an opaque token in a cookie, looked up in PostgreSQL, and the roles that a route requires."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie

from shared.accounts import Person, Role, find_person_by_token, second_factor
from shared.accounts.own_account import extend_session
from shared.database.connections import acquire
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream import Database
from shared.web.cookies import SESSION_COOKIE, read_cookie

# A missing cookie is no error here: the handler of `SignInRequired` answers it in the form that the client accepts.
session_cookie = APIKeyCookie(name=SESSION_COOKIE, scheme_name="staff_session", auto_error=False)


class SignInRequired(PermanentError):
    """This page is for signed-in persons."""


class RoleRequired(PermanentError):
    """This account may not do that. Where it is answered, it is journalled, too."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person


class SecondFactorRequired(PermanentError):
    """This account has to set up a second factor before anything else."""


def lacks_second_factor(settings: Settings, person: Person) -> bool:
    """Return whether a person has to set up a second factor before anything else."""
    return settings.second_factor_required and person.role in second_factor.ROLES and not person.has_second_factor


def get_database(request: Request) -> Database:
    """Return the service's database."""
    database: Database = request.app.state.database
    return database


def session_token(request: Request) -> str:
    """Return the token of the session in which a request is made; empty without one."""
    return read_cookie(request, SESSION_COOKIE)


async def get_signed_in(request: Request, _declared: Annotated[str | None, Security(session_cookie)] = None) -> Person | None:
    """Return who is signed in, or None; without a second factor too, which is set up at the own account."""
    token = session_token(request)
    if not token:
        return None
    async with acquire(get_database(request).pool) as connection:
        person = await find_person_by_token(connection, token)
        if person is not None:
            await extend_session(connection, token)
        return person


async def get_current_person(request: Request, person: Annotated[Person | None, Depends(get_signed_in)]) -> Person | None:
    """Return who is signed in, or None. Raises `SecondFactorRequired`."""
    if person is not None and lacks_second_factor(request.app.state.settings, person):
        raise SecondFactorRequired
    return person


async def require_person(person: Annotated[Person | None, Depends(get_signed_in)]) -> Person:
    """Admit everybody who is signed in, to the own account. Raises `SignInRequired`."""
    if person is None:
        raise SignInRequired
    return person


def require_role(*roles: Role) -> Callable[..., Awaitable[Person]]:
    """Return a dependency that admits these roles only. Raises `SignInRequired`, `RoleRequired`."""

    async def get_person(person: Annotated[Person | None, Depends(get_current_person)]) -> Person:
        if person is None:
            raise SignInRequired
        if person.role not in roles:
            raise RoleRequired(person)
        return person

    return get_person


DatabaseDep = Annotated[Database, Depends(get_database)]
