"""`POST /intake/events`: every documented answer."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.intake import batch_redaction
from services.intake.domain.rate_limit import SourceRateLimiter
from services.intake.store import source_keys
from services.intake.web import events
from shared.keys import key_hash
from tests.integration.intake.conftest import BATCH, BINARY, HOTLINE, KEY, STRUCTURED, envelope, report, results_of


async def test_one_event_is_accepted_in_each_mode_and_a_duplicate_in_the_other(post, intake):
    structured = await post(envelope(report(1), id="e1"))
    binary = await post(report(1), **BINARY)

    assert (structured.status_code, results_of(structured)) == (202, [("e1", "accepted", [])])
    assert (binary.status_code, results_of(binary)) == (202, [("e1", "duplicate", [])])
    assert (await intake.complaints()).keys() == {"HZ-1"}
    assert len(intake.app.state.intake.take_active()) == 1, "the source is noted as active"


async def test_a_batch_has_a_result_for_each_event_in_order(post):
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
    assert results_of(response) == [
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


async def test_an_earlier_revision_is_a_duplicate_with_the_note_superseded(post):
    await post(envelope(report(1, revision=2)))

    response = await post(envelope(report(1, revision=1), id="late"))

    assert results_of(response) == [("late", "duplicate", [("revision", "superseded")])]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{", STRUCTURED), (b"[]", STRUCTURED), (b'"x"', STRUCTURED), (b"{", BATCH), (b"{}", BATCH), (b"\xff", STRUCTURED),
     (b"[" * 9999, BATCH), (b"{", "application/json"), (b"{}", "text/xml"), (b"", STRUCTURED)],
)  # fmt: skip
async def test_an_unreadable_envelope_is_a_bad_request(post_to_empty, body, content_type):
    response = await post_to_empty(body, content_type)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


async def test_invalid_data_in_a_readable_envelope_is_a_result(post):
    response = await post(b"{not json", **BINARY)

    assert (response.status_code, results_of(response)) == (422, [("e1", "refused", [("", "bad_json")])])


async def test_a_request_without_key_is_unauthorized(post_to_empty):
    for key in ("", "another"):
        response = await post_to_empty(envelope(report(1)), key=key)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


async def test_an_oversized_body_is_refused_with_413(post):
    large = envelope(report(1, text="x" * 1024 * 1024))

    assert (await post(large)).status_code == 413
    assert (await post([envelope(report(n)) for n in range(5001)], BATCH)).status_code == 413
    assert (await post(b" " * (33 * 1024 * 1024), BATCH)).status_code == 413
    one_of_two = await post([large, envelope(report(2), id="small")], BATCH)
    assert [result[1:] for result in results_of(one_of_two)] == [("refused", [("", "too_large")]), ("accepted", [])]


async def test_too_many_events_at_once_are_refused_with_retry_after(post, intake):
    intake.app.state.rate_limiter = SourceRateLimiter(per_second=1, burst=2)
    batch = [envelope(report(n)) for n in range(2)]

    first, second = await post(batch, BATCH), await post(batch, BATCH)

    assert (first.status_code, second.status_code) == (202, 429)
    assert 1 <= int(second.headers["retry-after"]) <= 2


async def test_a_response_never_quotes_the_request(post):
    response = await post(envelope(report(1, complainant={"name": "欧阳梓萱", "phone": 13987654321}, status="欧阳梓萱")))

    assert results_of(response)[0][2] == [("complainant.phone", "wrong_type"), ("status", "unknown_value")]
    assert "欧阳" not in response.text
    assert "139" not in response.text


async def test_a_batch_is_parsed_and_redacted_away_from_the_event_loop(post, intake, monkeypatch):
    threads = {"parse": set(), "redact": set()}
    parse, redact = events.parse_request, batch_redaction.redact

    def parse_and_note(*arguments):
        threads["parse"].add(threading.get_ident())
        return parse(*arguments)

    def redact_and_note(report):
        threads["redact"].add(threading.get_ident())
        return redact(report)

    monkeypatch.setattr(events, "parse_request", parse_and_note)
    monkeypatch.setattr(batch_redaction, "redact", redact_and_note)

    response = await post(
        [envelope(report(number, text="电话13800138000。" * 300), id=f"e{number}") for number in range(20)], BATCH
    )

    assert [result[1] for result in results_of(response)] == ["accepted"] * 20
    assert all(used and threading.get_ident() not in used for used in threads.values())
    assert all("13800138000" not in complaint["text"] for complaint in (await intake.complaints()).values())


async def test_what_has_a_key_of_its_own_is_sent_with_that_one_alone_also_when_it_has_ended(post, intake):
    district = f"{HOTLINE}/330101"

    async def send(number, source, key):
        (result,) = results_of(await post([envelope(report(number), id=f"e{number}", source=source)], BATCH, key=key))
        return result[1:]

    foreign, accepted = ("refused", [("source", "foreign_source")]), ("accepted", [])
    assert await send(1, district, KEY) == accepted, "nobody else answers for it yet"
    async with intake.app.state.database.unit_of_work() as uow:
        await source_keys.add_key(uow.connection, district, key_hash("district"), uow.now)
    answers = [await send(2, district, KEY), await send(3, f"{district}/x", KEY), await send(4, district, "district")]
    assert answers == [foreign, foreign, accepted]
    assert await send(5, f"{HOTLINE}/3301012", KEY) == accepted, "another name that begins alike"
    async with intake.app.state.database.unit_of_work() as uow:
        await source_keys.void_keys(uow.connection, district, uow.now)
    assert await send(6, district, KEY) == foreign


async def test_each_key_of_a_source_holds_until_its_end_and_its_use_is_noted(post, intake):
    at = datetime.now(UTC)
    keys = {"other": None, "ends tomorrow": at + timedelta(days=1), "has ended": at + timedelta(milliseconds=1)}
    async with intake.app.state.database.unit_of_work() as uow:
        for key, until in keys.items():
            await source_keys.add_key(
                uow.connection, HOTLINE, key_hash(key), at, expires_at=until, others_until=at + timedelta(days=2)
            )

    answers = [(await post(envelope(report(n), id=f"e{n}"), key=key)).status_code for n, key in enumerate([KEY, *keys, "none"])]
    again = await post(envelope(report(9), id="e9"), key="other")
    used = await intake.database.fetch("SELECT key_hash FROM intake.source_keys WHERE last_used_at IS NOT NULL")
    async with intake.app.state.database.unit_of_work() as uow:
        count = await source_keys.void_keys(uow.connection, HOTLINE, uow.now)
    after = await post(envelope(report(8), id="e8"))

    assert answers == [202, 202, 202, 401, 401]
    assert again.status_code == 202
    assert {row["key_hash"] for row in used} == {key_hash(key) for key in (KEY, "other", "ends tomorrow")}
    assert (count, after.status_code) == (3, 401)
