"""No request, however hostile, makes the publisher answer with a fault of its own, or with what it does not declare."""

from __future__ import annotations

import httpx2
import pytest
import pytest_asyncio
from httpx2 import ASGITransport
from starlette.routing import Match

from services.publisher.store import screens
from services.publisher.store.screens import Screen
from services.publisher.web.screens.player import COOKIE
from shared.accounts import Role
from shared.contracts import ComplaintOperator
from tests.hostile import fill_path, hostile_requests, service_routes, session_routes, violations
from tests.hostile_texts import ACTIVE, MARK, walk_texts
from tests.integration.publisher.events import complaint, uscc
from tests.integration.publisher.running_publisher import HTML, SECRET, run_month
from tests.route_roles import ANYBODY_SIGNED_IN, guarded_desk_paths, roles_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

# A stream is endless for a client that reads it to the end; it is asked by HEAD below.
STREAMS = ("/screens/{screen_id}/events", "/screens/{screen_id}/key/{secret}/events")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def released(engines, template, tmp_path_factory):
    """A released month for these tests alone: what a request may change must not reach the readers of another."""
    async with run_month(engines, template, tmp_path_factory.mktemp("hostile")) as publisher:
        yield publisher


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sessions(released):
    """The session of each person, opened before a walk uses up the attempts to sign in."""
    found = {}
    for name in ("zhou", "wu"):
        async with released.person(name) as person:
            found[name] = person.cookies["gongshi_session"]
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def known(released, sessions):
    """A right value for each parameter of a path, by name."""
    async with released.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, Screen("x", "测试", None))
    item = (await released.items())[0]
    return {
        "item_id": item["item_id"],
        "code": uscc(0),
        "uscc": uscc(0),
        "board": "basic",
        "screen_id": "mall",
        "kind": "penalty",
    }


async def test_no_request_of_a_reader_is_answered_with_a_fault(released, known):
    assert await violations(released.app, {}, known=known, skipped=[*STREAMS, *guarded_desk_paths(released.app)]) == []


@pytest.mark.parametrize(
    ("name", "role", "walked_by_others"), [("zhou", Role.REVIEWER, None), ("wu", Role.GATEKEEPER, Role.REVIEWER)]
)
async def test_no_request_of_the_desk_is_answered_with_a_fault(released, known, sessions, name, role, walked_by_others):
    headers = {"accept": "text/html", "cookie": f"gongshi_session={sessions[name]}"}
    admitted = {route.path: roles_of(route) or ANYBODY_SIGNED_IN for route in service_routes(released.app)}
    skipped = {path for path, roles in admitted.items() if walked_by_others in roles}
    assert any(role in roles for path, roles in admitted.items() if path not in skipped)

    # The walk removes the screen that it knows.
    removable = known | {"screen_id": "x"}
    skipped.update(session_routes("/desk"))
    assert await violations(released.app, headers, known=removable, under="/desk", skipped=skipped) == []


@pytest.mark.parametrize("after", ["%00", str(2**63), "9" * 5000, "-1", "x"])
async def test_no_position_of_a_stream_is_answered_with_a_fault(released, after):
    for path, headers in ((f"/screens/mall/events?after={after}", {}), ("/screens/mall/events", {"last-event-id": after})):
        response = await released.public.head(path, headers=headers)
        assert response.status_code in {200, 400, 422}, path


async def test_the_interface_answers_what_it_declares(released, known):
    paths = released.app.openapi()["paths"]
    routes = [route for route in service_routes(released.app) if route.path in paths and "GET" in route.methods]
    undeclared, answered = {}, set()
    async with httpx2.AsyncClient(transport=ASGITransport(released.app), base_url="http://publisher") as client:
        for request in hostile_requests(routes, known):
            response = await client.get(request.target)
            scope = {"type": "http", "path": response.url.path, "method": "GET"}
            path = next((route.path for route in routes if route.matches(scope)[0] is Match.FULL), None)
            if path is None:  # an empty parameter leaves the path of the list, which has no slash at its end
                continue
            status = int(response.status_code)
            declared = paths[path]["get"]["responses"].get(str(status))
            answered.add(status)
            if declared is None or response.headers["content-type"].partition(";")[0] not in declared["content"]:
                undeclared[request.target] = status

    assert undeclared == {}
    assert answered >= {200, 400, 404, 422}


async def test_head_answers_like_get_on_every_route(released, known):
    for route in service_routes(released.app):
        if "GET" not in route.methods or route.path in STREAMS:
            continue
        path = fill_path(route, known)
        answers = [await released.public.request(method, path, headers=HTML) for method in ("GET", "HEAD")]
        assert answers[0].status_code == answers[1].status_code, path
        assert answers[1].content == b"", path


@pytest.mark.parametrize(
    "since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-10-09T00:00:00", "٣", "9" * 20]
)
async def test_a_mirror_begins_at_a_time_or_number_or_is_told_what_one_is(released, since):
    response = await released.public.get("/api/items", params={"since": since})

    assert response.status_code == 400
    assert "release_seq" in response.json()["detail"]


async def test_a_mirror_may_begin_at_any_time(released):
    for since in ("0002-01-01T00:00:00Z", "1970-01-01T00:00:00+14:00", "2026-01-01T00:00:00 08:00", "0"):
        assert len((await released.json(f"/api/items?since={since}"))["items"]) == 3, since


async def test_a_name_that_would_be_markup_a_formula_or_a_template_is_a_name_wherever_it_is_shown(released, known, sessions):
    shop = ComplaintOperator(key=uscc(9), name=ACTIVE, uscc=uscc(9), address=f"{ACTIVE}路1号", scope=ACTIVE)
    await released.produce(complaint(77, operator=shop, goods=ACTIVE, title=ACTIVE, text=ACTIVE))
    await released.release_all(sessions)
    (item,) = [each for each in await released.items("major") if each["operator"]["key"] == uscc(9)]
    places = known | {"item_id": item["item_id"], "code": uscc(9), "uscc": uscc(9), "board": "major", "secret": SECRET}
    people = {person: {"cookie": f"gongshi_session={token}"} for person, token in sessions.items()}
    readers = {"": {}, "player": {"cookie": f"{COOKIE}={SECRET}"}} | people
    queries = (f"q={MARK}&item={item['item_id']}&board=major",)

    walk = await walk_texts(released.app, readers, places, queries, skip=lambda route: route.path.endswith("/events"))

    assert walk.faults == []
    assert {"text/html", "application/json", "application/atom+xml"} <= walk.shown_in.keys()
