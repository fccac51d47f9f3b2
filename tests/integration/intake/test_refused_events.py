"""Each event stands for itself: what cannot be taken is refused alone, and kept as a dead letter that can be replayed."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import orjson
import pytest

from deploy.dead_letters import replay
from services.intake.ingest import Intake
from services.intake.store import trace
from shared.stream.dead_letter_term import DeadLetterTerm
from shared.stream.kept_part import MAX_VALUE
from tests.integration.intake.conftest import BATCH, BINARY, HOTLINE, envelope, report, results_of
from tests.integration.probes import wait_until

CUT = [
    (rb"\ud83d", "\ufffd"),
    (rb"\ude0a", "\ufffd"),
    (rb"\ud83", "\ufffd"),
    (b"\xf0\x9f\x98", "\ufffd"),
    (b"\xed\xa0\xbd", "\ufffd"),
    (rb"\ud83d\ude0a", "\U0001f60a"),
]


def with_text(number, ending):
    """A report event whose text ends with raw bytes of JSON."""
    return orjson.dumps(envelope(report(number, text="客服不理END"), id=f"e{number}")).replace(b"END", ending)


@pytest.mark.parametrize(("ending", "restored"), CUT)
async def test_a_cut_character_is_replaced_and_costs_no_neighbour(post, intake, ending, restored):
    body = b"[%s, %s,%s]" % (with_text(1, b"."), with_text(2, ending), with_text(3, b"."))

    batch, single = await post(body, BATCH), await post(with_text(4, ending))
    binary = await post(orjson.dumps(report(5, text="客服不理END")).replace(b"END", ending), **BINARY)

    assert [result[1] for result in results_of(batch)] == ["accepted"] * 3
    assert (single.status_code, binary.status_code) == (202, 202)
    complaints = await intake.complaints()
    assert {complaints[f"HZ-{number}"]["text"] for number in (2, 4, 5)} == {"客服不理" + restored}


async def test_events_that_are_no_json_are_refused_alone(post, intake):
    broken = [b'{"id":"e2"', b'{"id": "e3", "data": nul}', "\u4e2d\u6587".encode("gb18030"), b'"\x01"', b"[" * 999 + b"]" * 999]
    body = (
        b"["
        + with_text(1, b".")
        + b","
        + b"},".join(broken[:1])
        + b"},"
        + b",".join(broken[1:])
        + b","
        + with_text(9, b".")
        + b"]"
    )

    response = await post(body, BATCH)

    results = results_of(response)
    assert response.status_code == 202
    assert [result[1] for result in results] == ["accepted", *["refused"] * 5, "accepted"]
    assert (await intake.complaints()).keys() == {"HZ-1", "HZ-9"}
    assert len(await intake.dead_letters()) == 5


async def test_an_event_that_breaks_the_code_is_refused_alone(post, intake, monkeypatch):
    apply = Intake._apply

    async def fail_on_one(self, uow, reports, *more):
        if any(event.data.external_id == "HZ-2" for event in reports):
            raise KeyError("county")
        return await apply(self, uow, reports, *more)

    monkeypatch.setattr(Intake, "_apply", fail_on_one)

    batch = await post([envelope(report(number), id=f"e{number}") for number in range(1, 6)], BATCH)
    single = await post(envelope(report(2), id="again"))

    assert [(result[0], result[1]) for result in results_of(batch) if result[1] != "accepted"] == [("e2", "refused")]
    assert results_of(batch)[1][2] == [("", "unprocessable")]
    assert single.status_code == 422
    assert (await intake.complaints()).keys() == {"HZ-1", "HZ-3", "HZ-4", "HZ-5"}
    assert [reason for reason, _, _ in await intake.dead_letters()] == ["unprocessable"] * 2


async def test_a_single_refused_event_is_unprocessable_with_its_reasons(post, intake):
    refused = envelope(report(1, status="lost"), id="e1")

    structured = await post(refused)
    binary = await post(report(1, status="lost"), **BINARY)
    await post(envelope(report(2), id="first"))
    conflict = await post(envelope(report(2, goods="手机"), id="e2"))

    for response in (structured, binary, conflict):
        assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    assert [(each["field"], each["code"]) for each in structured.json()["reasons"]] == [("status", "unknown_value")]
    assert results_of(conflict) == [("e2", "refused", [("revision", "conflict")])]
    assert [orjson.loads(value) for _, _, value in await intake.dead_letters()] == [
        refused,
        report(1, status="lost"),
        envelope(report(2, goods="手机"), id="e2"),
    ]


async def test_a_refused_event_is_kept_once_however_often_it_is_sent(post, intake):
    for _ in range(3):
        await post(envelope(report(1, status="lost"), id="e1"))

    assert len(await intake.dead_letters()) == 1


async def test_of_a_large_refused_event_the_first_part_is_kept_and_only_a_whole_one_is_replayed(post, intake):
    body = orjson.dumps(envelope(report(1, status="lost"), id="e1") | {"x": "y" * MAX_VALUE})

    await post(body)
    ((_, _, kept),) = await intake.dead_letters()
    row = await intake.database.fetchrow("SELECT whole_bytes, whole_digest FROM intake.dead_letters")
    await replay_all(intake)
    waiting = await intake.database.fetchval("SELECT count(*) FROM intake.dead_letters WHERE replayed_at IS NULL")
    await replay_all(intake, orjson.dumps(envelope(report(1), id="e1")))

    assert (kept, *row) == (body[:MAX_VALUE], len(body), sha256(body).digest())
    assert waiting == 1
    await wait_until("the complaint is known", lambda: has_complaint(intake, "HZ-1"))


async def replay_all(intake, corrected=None):
    """Replay every dead letter that waits, as the command does."""
    ids = [row["id"] for row in await intake.database.fetch("SELECT id FROM intake.dead_letters WHERE replayed_at IS NULL")]
    intake.sent += len(await replay(intake.app.state.settings, "intake", ids=ids, reason=None, corrected=corrected))
    await intake.wait_applied()


@pytest.mark.parametrize("mode", ["structured", "binary", "batch"])
async def test_a_refused_event_can_be_corrected_and_replayed(post, intake, mode):
    wrong, right = report(1, status="lost"), report(1)
    match mode:
        case "structured":
            await post(envelope(wrong, id="e1"))
        case "binary":
            await post(wrong, **BINARY)
        case _:
            await post([envelope(wrong, id="e1"), envelope(report(2))], BATCH)

    await replay_all(intake, orjson.dumps(right if mode == "binary" else envelope(right, id="e1")))

    await wait_until("the complaint is known", lambda: has_complaint(intake, "HZ-1"))


async def has_complaint(intake, external_id):
    return external_id in await intake.complaints()


async def test_a_replay_cannot_send_for_a_source_that_the_key_does_not_cover(post, intake):
    response = await post(envelope(report(1), source="/hotlines/12315/330100"))

    await replay_all(intake)

    assert response.status_code == 422
    assert await intake.complaints() == {}
    assert [findings for _, findings, _ in await intake.dead_letters()] == [[("source", "foreign_source")]] * 2


async def test_a_replay_of_what_was_refused_for_good_is_refused_again(post, intake):
    await post(envelope(report(1, status="lost"), source=f"{HOTLINE}/desk-2"))

    await replay_all(intake)

    assert [findings for _, findings, _ in await intake.dead_letters()] == [[("status", "unknown_value")]] * 2


async def test_dead_letters_are_deleted_at_their_term(post, intake):
    for number in (1, 2):
        await post(envelope(report(number, status="lost"), id=f"e{number}"))
    await intake.database.execute(
        "UPDATE intake.dead_letters SET recorded_at = now() - interval '31 days' WHERE id = (SELECT min(id) FROM intake.dead_letters)"
    )
    database = intake.app.state.database

    await DeadLetterTerm(database, "intake", lambda _: timedelta(days=32)).sweep()
    before = len(await intake.dead_letters())
    await DeadLetterTerm(database, "intake", lambda _: timedelta(days=30)).sweep()

    assert (before, len(await intake.dead_letters())) == (2, 1)
    acts = await intake.database.fetch("SELECT subject, detail FROM intake.journal WHERE action = 'term_reached'")
    assert [(row["subject"], orjson.loads(row["detail"])["count"]) for row in acts] == [("dead_letters", 1)]


async def test_a_refused_event_is_found_by_its_whole_number_only(post, intake):
    await post(orjson.dumps(envelope(report(20261103, status="odd"), id="e1")))

    async with intake.app.state.database.snapshot() as connection:
        found = {
            number: len(await trace.find_refused(connection, number)) for number in ("HZ-20261103", "HZ-2026110", "20261103")
        }

    assert found == {"HZ-20261103": 1, "HZ-2026110": 0, "20261103": 1}
