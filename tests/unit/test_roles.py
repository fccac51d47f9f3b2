"""Who may call what: each route of each desk, found from the routes, refuses every role that docs/security.md does not name."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.supervisor import SERVICES
from shared.accounts import Person, Role
from shared.settings import Settings
from shared.web import problems
from shared.web.session import get_signed_in
from tests.asgi import send_request
from tests.hostile import service_routes
from tests.route_roles import ANYBODY_SIGNED_IN, roles_of

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
ROW = re.compile(r"^\| `(?P<service>\w+)` \| `(?P<method>[A-Z]+) (?P<path>/[^`]*)` \| (?P<roles>[^|]+) \|$", re.MULTILINE)
# The own account is the same at every desk, and everybody's who is signed in.
OWN_ACCOUNT = re.compile(r"/account(?:/|$)")


def create(service: str) -> FastAPI:
    return import_module(f"services.{service}.app").create_app(Settings())  # type: ignore[no-any-return]


def guarded(service: str) -> dict[tuple[str, str], frozenset[Role]]:
    """Return the roles of each route of a service that asks for a session, by method and path."""
    routes = {(min(route.methods), route.path): roles_of(route) for route in service_routes(create(service))}
    return {key: roles for key, roles in routes.items() if roles is not None}


def documented(service: str) -> dict[tuple[str, str], frozenset[Role]]:
    """Return the same from the table in docs/security.md."""
    rows = [match for match in ROW.finditer(SECURITY.read_text(encoding="utf-8")) if match["service"] == service]
    return {(row["method"], row["path"]): frozenset(Role(name.strip()) for name in row["roles"].split(",")) for row in rows}


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_names_every_route_with_its_roles(service: str) -> None:
    found = guarded(service)
    own = {key: roles for key, roles in found.items() if OWN_ACCOUNT.search(key[1])}

    assert len(own) > 3
    assert set(own.values()) == {ANYBODY_SIGNED_IN}
    assert documented(service) == {key: roles for key, roles in found.items() if key not in own}


@pytest.mark.parametrize("service", SERVICES)
async def test_every_other_role_and_everybody_else_is_refused(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = []

    async def record(_request: object, person: Person) -> None:
        refusals.append(person.role)

    monkeypatch.setattr(problems, "record_refusal", record)
    app, session = create(service), []
    app.state.database = None
    app.dependency_overrides[get_signed_in] = lambda: session[0]
    answers = {}
    for (method, path), admitted in guarded(service).items():
        target = re.sub(r"\{[^}]*\}", "x", path)
        for role in (None, *(role for role in Role if role not in admitted)):
            session[:] = [None if role is None else Person("p", "p", role)]
            response = await send_request(app, method, target, {"host": "localhost", "accept": "application/json"})
            if response.status != (401 if role is None else 403):
                answers[method, path, role] = response.status

    assert answers == {}
    assert refusals or service == "stats"
