"""`POST /intake/events`: every answer that INTERFACE names."""

from __future__ import annotations

import httpx2
import orjson
import pytest

from services.intake.domain.allowance import Allowances
from services.intake.domain.keys import key_hash
from services.intake.store import sources
from tests.integration.intake.conftest import HOTLINE, REPORTED, envelope, report

KEY = "k-0123456789"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": HOTLINE, "ce-type": REPORTED, "content-type": "application/json"}


@pytest.fixture
async def post(intake):
    """Post a body to /intake/events with the hotline's key."""
    async with intake.app.state.store.unit() as unit:
        await sources.set_key(unit.connection, HOTLINE, key_hash(KEY))
    transport = httpx2.ASGITransport(app=intake.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake") as client:

        async def send(body, content_type=STRUCTURED, key=KEY, **headers):
            content = body if isinstance(body, bytes) else orjson.dumps(body)
            given = {"content-type": content_type} | ({"authorization": f"Bearer {key}"} if key else {}) | headers
            return await client.post("/intake/events", content=content, headers=given)

        yield send


def outcome(response):
    return [(r["id"], r["status"], [(n["field"], n["code"]) for n in r["reasons"]]) for r in response.json()["results"]]


async def test_one_event_is_accepted_in_each_mode_and_known_again_in_the_other(post, intake):
    structured = await post(envelope(report(1), id="e1"))
    binary = await post(report(1), **BINARY)

    assert (structured.status_code, outcome(structured)) == (202, [("e1", "accepted", [])])
    assert (binary.status_code, outcome(binary)) == (202, [("e1", "duplicate", [])])
    assert (await intake.complaints()).keys() == {"HZ-1"}


async def test_a_batch_answers_each_event_in_order(post):
    events = [
        envelope(report(1), id="a"),
        envelope(report(2, status="lost", amount="-1"), id="b"),
        envelope(report(1), id="c"),
        envelope(report(1, amount="5.00"), id="d"),
        envelope(report(3), id="e", source=f"{HOTLINE}/desk-2"),
        envelope(report(4), id="f", source="/hotlines/12315/330100"),
        {key: value for key, value in envelope(report(5)).items() if key != "id"},
        7,
        envelope(report(6, received_at="2999-01-01T00:00:00Z"), id="i"),
    ]

    response = await post(events, BATCH)

    assert response.status_code == 202
    assert outcome(response) == [
        ("a", "accepted", []),
        ("b", "refused", [("amount", "negative"), ("status", "unknown_value")]),
        ("c", "duplicate", []),
        ("d", "refused", [("revision", "conflict")]),
        ("e", "accepted", []),
        ("f", "refused", [("source", "foreign_source")]),
        (None, "refused", [("id", "missing")]),
        (None, "refused", [("", "wrong_type")]),
        ("i", "refused", [("received_at", "in_future")]),
    ]


async def test_an_earlier_revision_is_a_duplicate_that_says_superseded(post):
    await post(envelope(report(1, revision=2)))

    response = await post(envelope(report(1, revision=1), id="late"))

    assert outcome(response) == [("late", "duplicate", [("revision", "superseded")])]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{", STRUCTURED), (b"[]", STRUCTURED), (b'"x"', STRUCTURED), (b"{", BATCH), (b"{}", BATCH), (b"\xff", STRUCTURED),
     (b"[" * 9999, BATCH), (b"{}", "application/json"), (b"{}", "text/plain"), (b"", STRUCTURED)],
)  # fmt: skip
async def test_an_unreadable_envelope_is_a_bad_request(post, body, content_type):
    response = await post(body, content_type)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_readable_envelope_with_faults_is_answered_as_an_event(post):
    response = await post(b"{not json", **BINARY)

    assert (response.status_code, outcome(response)) == (202, [("e1", "refused", [("", "bad_json")])])


async def test_without_a_key_nobody_is_let_in(post):
    for key in ("", "another"):
        response = await post(envelope(report(1)), key=key)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def test_what_is_too_large_is_said_to_be(post):
    large = envelope(report(1, text="x" * 1024 * 1024))

    assert (await post(large)).status_code == 413
    assert (await post([envelope(report(n)) for n in range(5001)], BATCH)).status_code == 413
    assert (await post(b" " * (33 * 1024 * 1024), BATCH)).status_code == 413
    one_of_two = await post([large, envelope(report(2), id="small")], BATCH)
    assert [result[1:] for result in outcome(one_of_two)] == [("refused", [("", "too_large")]), ("accepted", [])]


async def test_too_much_at_once_is_told_when_to_come_back(post, intake):
    intake.app.state.allowances = Allowances(per_second=1, burst=2)
    batch = [envelope(report(n)) for n in range(2)]

    first, second = await post(batch, BATCH), await post(batch, BATCH)

    assert (first.status_code, second.status_code) == (202, 429)
    assert 1 <= int(second.headers["retry-after"]) <= 2


async def test_an_answer_never_repeats_what_was_sent(post):
    response = await post(envelope(report(1, complainant={"name": "欧阳梓萱", "phone": 13987654321}, status="欧阳梓萱")))

    assert outcome(response)[0][2] == [("complainant.phone", "wrong_type"), ("status", "unknown_value")]
    assert "欧阳" not in response.text
    assert "139" not in response.text
