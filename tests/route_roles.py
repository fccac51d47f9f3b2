"""Which roles a route admits, read from its dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.accounts import Role
from shared.web.session import require_person, require_role
from tests.hostile import service_routes

ANYBODY_SIGNED_IN = frozenset(Role)


def calls(dependant: Dependant) -> Iterator[object]:
    """Yield every dependency of a route."""
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from calls(dependency)


def roles_of(route: APIRoute) -> frozenset[Role] | None:
    """Return the roles that a route admits; None where it asks for no session."""
    found = [admitted for call in calls(route.dependant) if (admitted := admitted_by(call)) is not None]
    return frozenset.intersection(*found) if found else None


def admitted_by(call: object) -> frozenset[Role] | None:
    """Return the roles that a dependency admits; None where it admits anybody."""
    if call is require_person:
        return ANYBODY_SIGNED_IN
    if getattr(call, "__qualname__", "").startswith(require_role.__qualname__):
        cells = dict(zip(call.__code__.co_freevars, call.__closure__, strict=True))  # type: ignore[attr-defined]
        return frozenset(cells["roles"].cell_contents)
    return None


def guarded_desk_paths(app: FastAPI) -> list[str]:
    """Return the paths of the desk that ask for a session: a stranger gets no further than to the question."""
    return [route.path for route in service_routes(app) if "/desk" in route.path and roles_of(route) is not None]
