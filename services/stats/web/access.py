"""Who may see figures that are not released: staff who are signed in, and programs with a reader's key."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from services.stats.store.readers import fetch_reader_by_key
from shared.accounts import Person, Role
from shared.database.connections import acquire
from shared.keys import key_hash
from shared.web.problems import accepts_html
from shared.web.session import DatabaseDep, RoleRequired, SignInRequired, get_current_person

STAFF = (Role.CLERK, Role.REVIEWER, Role.GATEKEEPER, Role.OFFICER, Role.OPS, Role.AUDITOR)

reader_key = HTTPBearer(scheme_name="reader_key", description="A key of `gongshi readers add`.", auto_error=False)


async def require_reader(
    request: Request,
    database: DatabaseDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(reader_key)],
    person: Annotated[Person | None, Depends(get_current_person)],
) -> str:
    """Return the name of the reader or of the person.

    Raises `HTTPException` 401 for a program without a key, `SignInRequired` for a browser without a session, and
    `RoleRequired` for a person who is not staff.
    """
    if credentials is not None:
        async with acquire(database.pool) as connection:
            name = await fetch_reader_by_key(connection, key_hash(credentials.credentials.strip()))
        if name is not None:
            return name
    if person is None and accepts_html(request):
        raise SignInRequired
    if person is None:
        needed = "figures that are not released need a reader's key, Authorization: Bearer KEY, or a staff session"
        raise HTTPException(HTTPStatus.UNAUTHORIZED, needed, {"WWW-Authenticate": "Bearer"})
    if person.role not in STAFF:
        raise RoleRequired(person)
    return person.name
