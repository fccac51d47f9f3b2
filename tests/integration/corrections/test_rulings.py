"""An officer decides: once, with a reason and a reply, and the ruling travels as an event."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from pypdf import PdfReader

from deploy.journals import SealCopies, check_journal_of
from shared.contracts import ItemCorrected, ItemReleased, Status
from tests.integration.corrections.conftest import BROWSER, NUMBERS, complaint, decision, public_item

ACCEPTED = {"identity_checked": "yes"}


async def file_and_locate(harness, **changes):
    return "/corrections/desk/" + await harness.application_id(await harness.file_application(**changes))


async def decisions_on(harness):
    counted = (
        "SELECT count(*) FROM corrections.decisions JOIN corrections.applications USING (application_id) WHERE item_id = $1"
    )
    return await harness.connection.fetchval(counted, harness.item_id)


async def test_a_ruling_event_carries_its_corrections(harness):
    address = await file_and_locate(harness)

    decided = await harness.officer.post(f"{address}/decision", data=decision())
    events = await harness.fetch_rulings(2)
    made = next(json.loads(value) for kind, value in events if kind == "gongshi.ruling.made.v1")

    assert decided.status_code == 200
    assert made["corrections"] == [{"field": "amount", "value": "8460.00"}]
    assert made["decision"] == "corrected"
    assert made["reply_number"] == decided.json()["reply_number"]
    assert made["rules_version"] == "2026-04-15"
    assert not any(secret in json.dumps(made, ensure_ascii=False) for secret in ("林嘉", "沈悦", "shen", "47份"))


async def test_a_ruling_event_carries_its_effects_on_complaints(harness):
    address = await file_and_locate(harness)
    sent = decision(decision="withdrawn", reason_code="W03") | {f"exclude.{harness.complaint_id}": "yes"}

    await harness.officer.post(f"{address}/decision", data=sent)
    events = await harness.fetch_rulings(2)
    made = next(json.loads(value) for kind, value in events if kind == "gongshi.ruling.made.v1")

    assert [(effect["complaint_id"], effect["exclude"]) for effect in made["effects"]] == [(str(harness.complaint_id), True)]
    assert made["corrections"] == [], "nothing is left to put right on an item that is withdrawn"


async def test_an_outcome_closes_an_open_complaint(harness):
    opened = UUID(int=next(NUMBERS))
    harness = replace(harness, item_id=f"GS-2026-{next(NUMBERS):06}")
    await harness.publish_and_wait(
        complaint(opened, status=Status.MEDIATING, outcome=None, closed_on=None),
        ItemReleased(item=public_item(harness.item_id, period="2026-09", board="basic")),
    )
    address = await file_and_locate(harness, field="", value="")

    sent = decision(reason_code="C04") | {f"outcome.{opened}": "mediated", "field.amount": ""}
    await harness.officer.post(f"{address}/decision", data=sent)
    events = await harness.fetch_rulings(2)
    made = next(json.loads(value) for kind, value in events if kind == "gongshi.ruling.made.v1")

    assert [(e["complaint_id"], e["status"], e["outcome"]) for e in made["effects"]] == [(str(opened), "closed", "mediated")]


async def test_of_two_concurrent_decisions_one_is_stored_and_the_other_is_a_conflict(harness):
    address = await file_and_locate(harness)
    upheld = decision(decision="upheld", reason_code="K01")

    answers = await asyncio.gather(
        harness.officer.post(f"{address}/decision", data=decision(), headers=BROWSER),
        harness.colleague.post(f"{address}/decision", data=upheld, headers=BROWSER),
    )
    late = next(answer for answer in answers if answer.status_code == 409)

    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert "您的决定没有保存" in late.text
    assert "公示答复〔" in late.text, "the decision that was made is shown"
    assert await decisions_on(harness) == 1


async def test_a_decision_on_an_older_version_is_a_conflict(harness):
    address = await file_and_locate(harness)
    await harness.publish_and_wait(ItemCorrected(item=harness.item(version=3)))

    answer = await harness.officer.post(f"{address}/decision", data=decision(), headers=BROWSER)

    assert answer.status_code == 409
    assert "第3版" in answer.text
    assert "押金单合计" in answer.text, "what was typed is kept"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decision": "maybe"}, "decision"),
        ({"reply": ""}, "reply"),
        ({"field.amount": "8640.00"}, "decision"),
        ({"public_reason": "经营者电话13900000000"}, "public_reason"),
    ],
)
async def test_an_invalid_decision_is_answered_with_a_reason(harness, changes, field):
    address = await file_and_locate(harness)

    answer = await harness.officer.post(f"{address}/decision", data=decision(**changes))

    assert answer.status_code == 422
    assert [reason["field"] for reason in answer.json()["reasons"]] == [field]


async def test_a_preview_shows_the_reply_and_stores_nothing(harness):
    address = await file_and_locate(harness)

    answer = await harness.officer.post(f"{address}/decision", data=decision(preview="yes"), headers=BROWSER)

    assert answer.status_code == 200
    assert "（提交后编号）" in answer.text
    assert await decisions_on(harness) == 0


async def test_replies_are_numbered_without_gaps(harness):
    upheld = decision(decision="upheld", reason_code="K01")
    first = await file_and_locate(harness)
    one = await harness.officer.post(f"{first}/decision", data=decision())
    second = await file_and_locate(harness)
    await harness.officer.post(f"{second}/decision", data=upheld | {"reply": ""})
    await harness.officer.post(f"{first}/decision", data=upheld)
    two = await harness.colleague.post(f"{second}/decision", data=upheld)

    numbers = [int(answer.json()["reply_number"].split("〕")[1].removesuffix("号")) for answer in (one, two)]
    assert numbers[1] == numbers[0] + 1


async def test_an_application_is_told_in_public_only_when_an_officer_has_accepted_it_as_the_operators(harness):
    tracking = await harness.file_application()
    address = "/corrections/desk/" + await harness.application_id(tracking)

    unchecked = await harness.officer.post(f"{address}/start")
    state = (await harness.operator.get(tracking)).json()["state"]
    await harness.officer.post(f"{address}/start", data=ACCEPTED)
    await harness.officer.post(f"{address}/start", data=ACCEPTED)
    events = await harness.fetch_rulings(2)

    assert (unchecked.status_code, state) == (422, "filed")
    assert [kind for kind, _ in events] == ["gongshi.application.filed.v1", "gongshi.application.accepted.v1"]
    accepted = json.loads(events[1][1])
    assert accepted["accepted_at"] >= accepted["filed_at"]
    assert not any(secret in events[1][1].decode() for secret in ("林嘉", "1390000", "押金", "沈悦"))


async def test_the_operator_reads_the_reply(harness):
    tracking = await harness.file_application()
    address = "/corrections/desk/" + await harness.application_id(tracking)
    await harness.officer.post(f"{address}/start", data=ACCEPTED)
    await harness.officer.post(f"{address}/decision", data=decision())

    page = await harness.operator.get(tracking, headers=BROWSER)
    followed = (await harness.operator.get(tracking)).json()

    assert "押金单合计" in page.text
    assert (followed["state"], followed["reply"]["decision"]) == ("decided", "corrected")


async def test_the_desk_is_for_officers(harness):
    address = await file_and_locate(harness)

    assert (await harness.operator.get("/corrections/desk")).status_code == 401
    assert (await harness.operator.post(f"{address}/decision", data=decision())).status_code == 401
    assert (await harness.officer.get(address, headers=BROWSER)).status_code == 200
    assert (await harness.officer.get("/corrections/desk", headers=BROWSER)).status_code == 200


async def test_every_step_is_in_the_journal(harness):
    tracking = await harness.file_application()
    followed = (await harness.operator.get(tracking)).json()
    address = f"/corrections/desk/{followed['application_id']}"
    await harness.officer.post(f"{address}/start", data=ACCEPTED)
    await harness.officer.post(f"{address}/decision", data=decision())

    journal_of_receipt = "SELECT actor, action FROM corrections.journal WHERE subject = $1 ORDER BY seq"
    rows = await harness.connection.fetch(journal_of_receipt, followed["receipt"])
    async with harness.connection.transaction():
        wrong = (await check_journal_of(harness.connection, "corrections", SealCopies())).faults

    assert [tuple(row) for row in rows] == [
        ("operator", "application_filed"),
        ("shen", "review_started"),
        ("shen", "application_decided"),
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE corrections.decisions SET decision = 'upheld'",
        "UPDATE corrections.applications SET state = 'filed'",
        "UPDATE corrections.applications SET kind = 'query', reason_code = NULL, field = NULL, value = NULL",
        "DELETE FROM corrections.applications",
    ],
)
async def test_the_database_refuses_to_undo_a_decision(harness, statement):
    address = await file_and_locate(harness)
    await harness.officer.post(f"{address}/decision", data=decision())

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await harness.connection.execute(statement)


async def test_the_reply_is_an_official_document_for_who_has_the_address(harness):
    tracking = await harness.file_application()
    assert (await harness.operator.get(f"{tracking}/letter.pdf")).status_code == 404
    address = "/corrections/desk/" + await harness.application_id(tracking)
    number = (await harness.officer.post(f"{address}/decision", data=decision())).json()["reply_number"]

    answer = await harness.operator.get(f"{tracking}/letter.pdf")
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.content)).pages)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert "no-store" in answer.headers["cache-control"]
    assert "".join(number.split()) in text
    assert all(words in text for words in ("书面答复", "收悉。经核实，答复如下：", "决定：", "公示规则（2026-04-15版）"))
    assert "letter.pdf" in (await harness.operator.get(tracking, headers=BROWSER)).text
