"""Who is signed in: an opaque token in a cookie, looked up in PostgreSQL, and the roles a route asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from shared.accounts import Person, Role, person_of
from shared.database.pool import acquire
from shared.errors import PermanentError
from shared.stream import Store

COOKIE = "gongshi_session"


class SignInNeeded(PermanentError):
    """This page is for signed-in persons."""


class RoleNeeded(PermanentError):
    """This account may not do that."""


def store_of(request: Request) -> Store:
    """Return the service's store."""
    store: Store = request.app.state.store
    return store


async def reading(request: Request) -> asyncpg.Pool:
    """Return the service's pool, for pages that only read."""
    return store_of(request).pool


async def visitor(request: Request) -> Person | None:
    """Return who is signed in, or None."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    async with acquire(store_of(request).pool) as connection:
        return await person_of(connection, token)


def require(*roles: Role) -> Callable[..., Awaitable[Person]]:
    """Return a dependency that lets only these roles in."""

    async def person(request: Request, person: Annotated[Person | None, Depends(visitor)]) -> Person:
        if person is None:
            raise SignInNeeded
        if person.role not in roles:
            raise RoleNeeded
        request.state.person = person
        return person

    return person


StoreOf = Annotated[Store, Depends(store_of)]
Visitor = Annotated[Person | None, Depends(visitor)]
