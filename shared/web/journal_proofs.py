"""Proofs over a service's journal, for the auditor: hashes only, which say nothing of anybody."""

from __future__ import annotations

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query

from shared.accounts import Person, Role
from shared.seals.proofs import ConsistencyProof, InclusionProof, NoSuchEntry, prove_entry, prove_growth
from shared.web.openapi import problems
from shared.web.session import DatabaseDep, require_role

MAX_SIZE = 2**63 - 1
Entry = Annotated[int, Query(ge=0, le=MAX_SIZE, description="The number of the entry, counted from 1.")]
OldSize = Annotated[int, Query(ge=0, le=MAX_SIZE, description="How many entries there were, as in an earlier seal.")]
Size = Annotated[int | None, Query(ge=0, le=MAX_SIZE, description="As in a seal; everything if not given.")]
AuditorDep = Annotated[Person, Depends(require_role(Role.AUDITOR, Role.OPS))]
T = TypeVar("T")


def create_router(service: str, desk: str) -> APIRouter:
    """Return the routes of one service; `desk` is the path of its desk."""
    routes = APIRouter(tags=["journal"])

    @routes.get(f"{desk}/api/journal/inclusion", responses=problems(HTTPStatus.NOT_FOUND))
    async def inclusion(database: DatabaseDep, _: AuditorDep, entry: Entry, size: Size = None) -> InclusionProof:
        """Prove that an entry is in the journal of a size."""
        async with database.snapshot() as connection:
            return await _proof(prove_entry(connection, service, entry, size))

    @routes.get(f"{desk}/api/journal/consistency", responses=problems(HTTPStatus.NOT_FOUND))
    async def consistency(database: DatabaseDep, _: AuditorDep, old_size: OldSize, size: Size = None) -> ConsistencyProof:
        """Prove that the journal of a size only grew."""
        async with database.snapshot() as connection:
            return await _proof(prove_growth(connection, service, old_size, size))

    return routes


async def _proof(proof: Awaitable[T]) -> T:
    try:
        return await proof
    except NoSuchEntry as error:
        raise HTTPException(HTTPStatus.NOT_FOUND) from error
