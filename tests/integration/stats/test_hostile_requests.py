"""No request, however hostile, makes stats answer with a fault of its own, or as its document does not say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.accounts import Role, add_person
from shared.accounts.service_states import Attention, ServiceState, report_state
from shared.contracts import binary_headers
from shared.contracts.complaints import COMPLAINTS
from shared.stream.journal import JournalEntry, append_entries
from tests.asgi import send_request
from tests.hostile import service_routes, session_routes, violations
from tests.hostile_texts import ACTIVE, FORBIDDEN, LONG, MARK, NUMBERS, altered, walk_texts
from tests.integration.probes import wait_until
from tests.integration.stats.conftest import READER_KEY
from tests.route_roles import guarded_desk_paths
from tests.unit.stats.complaints import OPERATORS, facts

KNOWN = {"uscc": OPERATORS[0], "code": "990100"}
PASSWORD = "correct horse battery"


async def is_ready(app):
    return (await send_request(app, "GET", "/readyz")).status == 200


async def test_no_request_is_answered_with_a_fault(service):
    await wait_until("stats is ready", lambda: is_ready(service.app))

    headers = {"authorization": f"Bearer {READER_KEY}"}
    assert await violations(service.app, headers, known=KNOWN, skipped=guarded_desk_paths(service.app)) == []


async def test_no_request_of_staff_is_answered_with_a_fault(settings, service):
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    await add_person(owner, "ops", "郑航", Role.OPS, PASSWORD)
    await owner.close()
    await service.post("/stats/desk/sign-in", data={"name": "ops", "password": PASSWORD})
    headers = {"accept": "text/html", "cookie": f"gongshi_session={service.cookies['gongshi_session']}"}

    assert await violations(service.app, headers, under="/stats/desk", skipped=session_routes("/stats/desk")) == []


async def test_head_is_answered_as_get_without_a_body(service):
    for path in ("/stats/all?period=2026-10", "/stats/operators", "/stats/regions/990100", "/healthz", "/stats/regions/0"):
        key = {"authorization": f"Bearer {READER_KEY}"}
        get, head = [await send_request(service.app, method, path, key) for method in ("GET", "HEAD")]

        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["content-type"] == get.headers["content-type"]


async def test_every_parameter_of_the_api_is_described(service):
    document = (await service.get("/openapi.json")).json()
    paths = [
        route.path for route in service_routes(service.app) if route.path.startswith("/stats/") and route.include_in_schema
    ]

    described = [
        parameter
        for path in paths
        for parameter in document["paths"][path]["get"].get("parameters", [])
        if not parameter.get("description")
    ]
    assert paths
    assert described == []


async def test_hostile_texts_in_every_field_of_a_complaint_act_on_no_page_and_in_no_file(settings, service):
    await wait_until("stats is ready", lambda: is_ready(service.app))
    values = (ACTIVE, *FORBIDDEN, LONG, *NUMBERS)
    whole = json.loads(facts().model_dump_json())
    documents = [data | {"complaint_id": str(UUID(int=number))} for number, data in enumerate(altered(whole, values), 1)]
    operator = {"key": OPERATORS[0], "name": ACTIVE, "uscc": OPERATORS[0]}
    documents.append(whole | {"complaint_id": str(UUID(int=10**6)), "operator": operator, "source": ACTIVE, "region": "990102"})
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    at, topic = datetime.now(UTC), settings.topic_prefix + COMPLAINTS
    # Where most of what the own services say cannot be read, stats stops: honest complaints come between.
    honest = [whole | {"complaint_id": str(UUID(int=2 * 10**6 + number))} for number in range(len(documents))]
    documents = [each for pair in zip(documents, honest, strict=True) for each in pair]
    for number, data in enumerate(documents):
        headers = list(binary_headers(facts(), event_id=UUID(int=number), source="/test", at=at))
        await producer.send(topic, json.dumps(data).encode(), key=b"k", headers=headers)
    await producer.stop()
    owner = await asyncpg.connect(settings.database_url.get_secret_value())

    async def is_applied():
        return await owner.fetchval("SELECT coalesce(sum(next_offset), 0) FROM stats.positions") >= len(documents)

    await wait_until("the complaints are applied", is_applied)
    subject = f"{ACTIVE}{LONG[:500]}"
    state = ServiceState(
        version=ACTIVE,
        started_at=at,
        outbox=0,
        dead_letters=0,
        consumers=(),
        attention=(Attention(code="source_silent", subject=subject, since=at),),
    )
    async with service.app.state.database.unit_of_work() as uow:
        await report_state(uow.connection, "stats", "host:1", state)
    async with owner.transaction():
        await owner.execute("SET LOCAL search_path = intake")
        await append_entries(owner, at, [JournalEntry(ACTIVE, ACTIVE, ACTIVE, ACTIVE, ACTIVE, {ACTIVE: ACTIVE})])
    readers = {"reader": {"authorization": service.headers["authorization"]}}
    for role in (Role.CLERK, Role.OPS, Role.AUDITOR):
        await add_person(owner, f"h.{role}", ACTIVE, role, PASSWORD)
        service.cookies.clear()
        await service.post("/stats/desk/sign-in", data={"name": f"h.{role}", "password": PASSWORD})
        readers[role] = {"cookie": f"gongshi_session={service.cookies['gongshi_session']}"}

    walk = await walk_texts(
        service.app, readers, KNOWN | {"name": f"h.{Role.CLERK}"}, ("period=2026-10", f"actor={MARK}", "window=365d")
    )

    assert await owner.fetchval("SELECT count(*) FROM stats.dead_letters") > len(FORBIDDEN)
    counted = await owner.fetchval("SELECT count(*) FROM stats.contributions WHERE complaint_id = ANY ($1)", _ids(honest))
    assert counted == len(honest)
    assert walk.faults == []
    assert {"text/html", "text/csv", "application/json"} <= walk.shown_in.keys()
    await owner.close()


def _ids(documents):
    return [UUID(data["complaint_id"]) for data in documents]
