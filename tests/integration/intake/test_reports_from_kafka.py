"""Reports on `gongshi.reports`: valid, invalid, duplicate, conflicting and out of order."""

from __future__ import annotations

import orjson
from aiokafka import AIOKafkaConsumer

from services.intake import batch_redaction, ingest, name_keys
from services.intake.domain import operators
from services.intake.domain.operators import provisional_key
from services.intake.domain.signatures import sign
from services.intake.store.source_keys import add_key
from shared.contracts import ComplaintRevised
from shared.contracts.complaints import COMPLAINTS
from shared.keys import key_hash
from shared.rules import HarmSearch, RuleBook
from shared.stream.kept_part import MAX_VALUE
from shared.stream.signature import HEADER
from tests.integration.intake.conftest import HOTLINE, binary_headers, envelope, report
from tests.integration.probes import wait_until

USCC = "91330100MA27XQ3J0C"
OTHER_USCC = "91990102MA9K08RC3G"
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=utf-8")]


def broken(**fields):
    return orjson.dumps(report(2, **fields)), None


BAD_INPUT = {
    "malformed JSON": (b'{"channel": ', None, "undecodable", ("", "bad_json")),
    "no value": (None, None, "undecodable", ("", "bad_json")),
    "bad UTF-8": (orjson.dumps(report(2)).replace(b"HZ-2", b"\xff\xfe"), None, "undecodable", ("", "bad_encoding")),
    "deep nesting": (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", None, "undecodable", ("", "too_deep")),
    "a list": (b"[]", None, "invalid", ("", "wrong_type")),
    "no source": (orjson.dumps(report(2)), binary_headers(ce_source=None), "undecodable", ("source", "missing")),
    "no id": (orjson.dumps(report(2)), binary_headers(ce_id=None), "undecodable", ("id", "missing")),
    "no type": (orjson.dumps(report(2)), binary_headers(ce_type=None), "undecodable", ("type", "missing")),
    "no headers": (orjson.dumps(report(2)), [], "undecodable", ("specversion", "missing")),
    "a header that is no text": (
        orjson.dumps(report(2)),
        binary_headers(ce_source=b"\xff\xfe"),
        "undecodable",
        ("source", "bad_encoding"),
    ),
    "another version of CloudEvents": (
        orjson.dumps(report(2)),
        binary_headers(ce_specversion=b"0.3"),
        "undecodable",
        ("specversion", "envelope"),
    ),
    "a bad event time": (orjson.dumps(report(2)), binary_headers(ce_time=b"yesterday"), "undecodable", ("time", "bad_date")),
    "an unknown type": (orjson.dumps(report(2)), binary_headers(ce_type=b"x.y.v1"), "unknown_type", ("type", "unknown_type")),
    "another content type": (
        orjson.dumps(report(2)),
        binary_headers(**{"content-type": b"text/xml"}),
        "undecodable",
        ("content-type", "envelope"),
    ),
    "structured without id": (
        orjson.dumps({k: v for k, v in envelope(report(2)).items() if k != "id"}),
        STRUCTURED,
        "undecodable",
        ("id", "missing"),
    ),
    "structured of unknown type": (
        orjson.dumps(envelope(report(2), type="x.y.v1")),
        STRUCTURED,
        "unknown_type",
        ("type", "unknown_type"),
    ),
    "structured without data": (
        orjson.dumps({k: v for k, v in envelope(report(2)).items() if k != "data"}),
        STRUCTURED,
        "invalid",
        ("data", "missing"),
    ),
    "structured with a wrong field": (
        orjson.dumps(envelope(report(2, status="lost"))),
        STRUCTURED,
        "invalid",
        ("status", "unknown_value"),
    ),
    "wrong type": (*broken(revision="1"), "invalid", ("revision", "wrong_type")),
    "false for a number": (*broken(revision=False), "invalid", ("revision", "wrong_type")),
    "an epoch for a time": (*broken(received_at=1759282200), "invalid", ("received_at", "bad_date")),
    "unknown channel": (*broken(channel="telegraph"), "invalid", ("channel", "unknown_value")),
    "a month 13": (*broken(received_at="2026-13-01T09:30:00+08:00"), "invalid", ("received_at", "bad_date")),
    "a time without offset": (*broken(received_at="2026-10-01T09:30:00"), "invalid", ("received_at", "bad_date")),
    "a date in the future": (*broken(received_at="2999-10-01T09:30:00+08:00"), "invalid", ("received_at", "in_future")),
    "a date before 1990": (*broken(received_at="1989-12-31T09:30:00+08:00"), "invalid", ("received_at", "too_old")),
    "a negative amount": (*broken(amount="-12.00"), "invalid", ("amount", "negative")),
    "an amount with three decimals": (*broken(amount="12.345"), "invalid", ("amount", "not_decimal")),
    "an amount as a number": (*broken(amount=12.5), "invalid", ("amount", "wrong_type")),
    "a long text": (*broken(text="长" * 20_001), "invalid", ("text", "too_long")),
    "a text of 1 MiB": (*broken(text="x" * 1024 * 1024), "invalid", ("", "too_large")),
    "a NUL character": (*broken(text="a\x00b"), "invalid", ("text", "control_character")),
    "an escape character in a name": (*broken(operator={"name": "a\x1bb"}), "invalid", ("operator.name", "control_character")),
    "neither title nor text": (*broken(title=None, text=None), "invalid", ("title", "missing")),
    "an operator without name": (*broken(operator={"uscc": USCC}), "invalid", ("operator.name", "missing")),
}


async def test_bad_input_is_a_dead_letter_with_raw_bytes_or_their_first_part_and_its_neighbours_are_accepted(intake):
    for number, (body, headers, *_) in enumerate(BAD_INPUT.values()):
        await intake.send(body, headers)
        await intake.report(100 + number)
    await intake.wait_applied()

    letters = [(reason, findings[0], raw) for reason, findings, raw in await intake.dead_letters()]
    expected = [(reason, create_finding, body and body[:MAX_VALUE]) for body, _, reason, create_finding in BAD_INPUT.values()]
    assert dict(zip(BAD_INPUT, letters, strict=True)) == dict(zip(BAD_INPUT, expected, strict=True))
    assert (await intake.complaints()).keys() == {f"HZ-{100 + number}" for number in range(len(BAD_INPUT))}


async def test_a_report_becomes_a_complaint_on_the_topic(intake, settings):
    await intake.report(
        1, operator={"name": "云州锦程通讯器材有限公司", "uscc": OTHER_USCC.lower()}, region="000000", category="odd"
    )

    headers, value, key = await first_complaint(settings)
    emitted = ComplaintRevised.model_validate_json(value)
    assert key.decode() == emitted.operator.key == emitted.operator.uscc == OTHER_USCC
    assert emitted.unmapped == ("region", "category")
    assert (emitted.revision, emitted.accepted, emitted.received_on.isoformat()) == (1, False, "2026-10-01")
    assert dict(headers)["ce_type"] == b"gongshi.complaint.revised.v1"
    assert dict(headers)["ce_amount"] == b"1299.00"
    search = HarmSearch(rules.major for rules in RuleBook.load(settings.rules).versions)
    assert search.read_header(dict(headers)["ce_harm"]) is False


async def first_complaint(settings):
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + COMPLAINTS, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        record = await consumer.getone()
        return record.headers, record.value, record.key
    finally:
        await consumer.stop()


async def test_structured_and_binary_mode_mean_the_same(intake):
    await intake.report(1)
    await intake.send(orjson.dumps(envelope(report(1))), STRUCTURED)
    await intake.send(orjson.dumps(envelope(report(2))), STRUCTURED)
    await intake.wait_applied()

    assert await intake.dead_letters() == []
    assert (await intake.complaints()).keys() == {"HZ-1", "HZ-2"}
    assert await results(intake) == {"accepted": 2, "duplicate": 1}


async def results(intake):
    rows = await intake.database.fetch("SELECT result, sum(reports)::int AS n FROM intake.arrivals GROUP BY result")
    return {row["result"]: row["n"] for row in rows}


async def test_a_thousand_duplicates_change_nothing(intake):
    for _ in range(1000):
        await intake.producer.send(intake.topic, orjson.dumps(report(1)), key=b"k", headers=binary_headers())
    intake.sent += 1000
    await intake.producer.flush()
    await intake.wait_applied()

    assert await results(intake) == {"accepted": 1, "duplicate": 999}
    assert (await intake.complaints())["HZ-1"]["revision"] == 1
    assert await intake.dead_letters() == []


async def test_the_same_instant_and_amount_in_another_notation_is_a_duplicate(intake):
    await intake.report(1)
    await intake.report(1, received_at="2026-10-01T01:30:00Z", amount="1299")
    await intake.wait_applied()

    assert await results(intake) == {"accepted": 1, "duplicate": 1}


async def test_the_same_revision_with_other_content_is_a_conflict(intake):
    await intake.report(1)
    await intake.report(1, amount="99.00")
    await intake.report(2)
    await intake.wait_applied()

    ((reason, findings, value),) = await intake.dead_letters()
    assert (reason, findings) == ("conflict", [("revision", "conflict")])
    assert orjson.loads(value)["amount"] == "99.00"
    assert (await intake.complaints())["HZ-1"]["amount"] == "1299.00"


async def test_revisions_out_of_order_end_with_the_highest_and_keep_the_acceptance(intake):
    await intake.report(1, revision=3, status="rejected")
    await intake.wait_applied()
    await intake.report(1, revision=2, status="accepted", accepted_at="2026-10-02T09:00:00+08:00")
    await intake.report(1, revision=1)
    await intake.wait_applied()

    complaint = (await intake.complaints())["HZ-1"]
    assert (complaint["status"], complaint["accepted"], complaint["revision"]) == ("rejected", True, 2)


async def test_complaints_by_name_are_reattributed_when_one_credit_code_claims_the_name_and_stay_when_another_does(intake):
    name = "云州锦程通讯器材有限公司"
    await intake.report(1, operator={"name": f" {name}"})
    await intake.wait_applied()
    provisional = (await intake.complaints())["HZ-1"]["operator"]["key"]
    await intake.report(2, operator={"name": name, "uscc": OTHER_USCC})
    await intake.wait_applied()
    claimed = (await intake.complaints())["HZ-1"]
    await intake.report(3, operator={"name": name, "uscc": USCC})
    await intake.report(4, operator={"name": name})
    await intake.report(1, revision=2, operator={"name": name})
    await intake.wait_applied()
    after = await intake.complaints()

    assert provisional.startswith("N-")
    assert (claimed["operator"]["key"], claimed["operator"]["uscc"], claimed["revision"]) == (OTHER_USCC, OTHER_USCC, 2)
    assert (after["HZ-1"]["operator"]["key"], after["HZ-1"]["revision"]) == (OTHER_USCC, 3)
    assert after["HZ-3"]["operator"]["key"] == USCC
    assert after["HZ-4"]["operator"]["key"] == provisional


async def test_complaints_beyond_the_limit_of_one_transaction_are_reattributed_in_several(intake, monkeypatch):
    monkeypatch.setattr(ingest, "REATTRIBUTION_LIMIT", 3)
    name = "云州锦程通讯器材有限公司"
    for number in range(10):
        await intake.report(number, operator={"name": name})
    await intake.wait_applied()

    await intake.report(10, operator={"name": name, "uscc": OTHER_USCC})
    await wait_until("every complaint is reattributed", lambda: all_of(intake, OTHER_USCC))

    complaints = await intake.complaints()
    assert [complaints[f"HZ-{number}"]["revision"] for number in range(11)] == [2] * 10 + [1]
    await wait_until(
        "the queue of names is empty", lambda: intake.database.fetchval("SELECT count(*) = 0 FROM intake.following")
    )
    assert await intake.database.fetchval("SELECT count(*) FROM intake.complaints WHERE operator_key <> $1", OTHER_USCC) == 0


async def test_names_stored_under_an_older_comparable_form_become_one_operator_with_their_complaints(intake, monkeypatch):
    monkeypatch.setattr(name_keys, "MOVE_LIMIT", 2)
    forms = ("云州锦程（中国）有限公司", "云州锦程(中国)有限公司", "云州锦程〔中国〕有限公司")
    with monkeypatch.context() as older:
        older.setattr(operators, "fold_name", str)
        operators._cached_identity.cache_clear()
        for number in range(5):
            await intake.report(number, operator={"name": forms[number % 2]})
        await intake.report(5, operator={"name": forms[2], "uscc": OTHER_USCC})
        await intake.report(6, operator={"name": "云州  示例商行"})
        await intake.wait_applied()
    operators._cached_identity.cache_clear()
    stored = await intake.complaints()
    assert len({complaint["operator"]["key"] for complaint in stored.values()}) == 4

    renewed = await name_keys.renew_name_keys(intake.app.state.database)

    assert renewed == 3
    await wait_until("the complaints are of one operator", lambda: is_reattributed(intake))
    found = await intake.complaints()
    assert [found[f"HZ-{number}"]["revision"] for number in range(7)] == [2] * 5 + [1, 2]
    assert found["HZ-6"]["operator"]["key"] == provisional_key("云州示例商行")
    assert await intake.database.fetchval("SELECT array_agg(name_key ORDER BY name_key) FROM intake.operator_names") == [
        "云州示例商行",
        "云州锦程(中国)有限公司",
    ]
    assert await name_keys.renew_name_keys(intake.app.state.database) == 0


async def is_reattributed(intake):
    complaints = await intake.complaints()
    keys = {complaints[f"HZ-{number}"]["operator"]["key"] for number in range(6)}
    return keys == {OTHER_USCC} and complaints["HZ-6"]["revision"] == 2


async def all_of(intake, operator):
    return {complaint["operator"]["key"] for complaint in (await intake.complaints()).values()} == {operator}


async def test_failed_redaction_withholds_the_text_and_the_same_report_again_restores_it(intake, monkeypatch):
    def fails(_):
        raise ValueError("13800138000")

    with monkeypatch.context() as patch:
        patch.setattr(batch_redaction, "redact", fails)
        await intake.report(1)
        await intake.wait_applied()
        withheld = (await intake.complaints())["HZ-1"]
        letters = await intake.dead_letters()
    await intake.report(1)
    await intake.wait_applied()
    restored = (await intake.complaints())["HZ-1"]

    assert (withheld["redaction"], withheld["title"], withheld["text"], withheld["goods"]) == ("withheld", None, None, None)
    assert [(reason, findings) for reason, findings, _ in letters] == [("redaction_failed", [("text", "redaction_failed")])]
    assert (restored["redaction"], restored["revision"]) == ("clean", 2)


PERSONAL = {
    "name": "欧阳梓萱",
    "phone": "13987654321",
    "id_number": "11010119900307123X",
    "address": "云州市湖东区幸福小区3幢2单元501室",
}


async def test_personal_data_is_in_no_table_but_dead_letters_and_in_no_log(intake, capfd):
    personal_text = "、".join(
        (*PERSONAL.values(), "139-8765-4321", "６２２２０２１００１１１６２４５７０２", "canary@example.com")
    )
    await intake.report(
        1, complainant=PERSONAL, title=f"屏幕亮点{PERSONAL['phone']}", text=f"我是{personal_text}。", goods="13987654321"
    )
    await intake.report(1, complainant=PERSONAL, text=f"另一内容{personal_text}")
    await intake.report(2, complainant=PERSONAL, text=personal_text, received_at="2999-01-01T00:00:00Z")
    await intake.wait_applied()
    await wait_until("the outbox is empty", lambda: emptied(intake))

    everything = (await intake.database.fetchval(WHOLE_SCHEMA)) + "".join(capfd.readouterr())
    payloads = orjson.dumps(await intake.complaints()).decode()
    for secret in (
        *PERSONAL.values(),
        "139-8765-4321",
        "6222021001116245702",
        "６２２２０２１００１１１６２４５７０２",
        "canary@",
    ):
        assert secret not in everything
        assert secret not in payloads
    assert len(await intake.dead_letters()) == 2


WHOLE_SCHEMA = """
SELECT concat_ws(' ',
           (SELECT string_agg(c::text || convert_from(c.payload, 'UTF8'), ' ') FROM intake.complaints AS c),
           (SELECT string_agg(o::text, ' ') FROM intake.operator_names AS o),
           (SELECT string_agg(o::text, ' ') FROM intake.operators AS o),
           (SELECT string_agg(j::text, ' ') FROM intake.journal AS j),
           (SELECT string_agg(a::text, ' ') FROM intake.arrivals AS a),
           (SELECT string_agg(d.detail::text, ' ') FROM intake.dead_letters AS d))
"""


async def emptied(intake):
    return await intake.database.fetchval("SELECT NOT EXISTS (SELECT FROM intake.outbox)")


async def test_a_report_in_the_name_of_a_source_that_signs_needs_its_signature(intake):
    async with intake.app.state.database.unit_of_work() as uow:
        await add_key(uow.connection, HOTLINE, key_hash("the key"), uow.now, signs=True)
    body = orjson.dumps(report(1))
    headers = binary_headers()
    event_id = dict(headers)["ce_id"].decode()
    signature = sign(key_hash("the key"), HOTLINE, event_id, body).encode()

    await intake.report(2)
    await intake.send(body, [*headers, (HEADER, sign(key_hash("another"), HOTLINE, event_id, body).encode())])
    await intake.report(3, source="/hotlines/12315/another")
    await intake.send(body, [*headers, (HEADER, signature)])
    await intake.wait_applied()

    assert set(await intake.complaints()) == {"HZ-1", "HZ-3"}
    assert [findings for _, findings, _ in await intake.dead_letters()] == [[("source", "wrong_source")]] * 2
