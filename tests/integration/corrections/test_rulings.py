"""An officer decides: once, with a reason and a reply, and the ruling travels as an event."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from shared.contracts import ItemCorrected, ItemReleased, Status
from shared.stream.journal import faults
from tests.integration.corrections.conftest import BROWSER, NUMBERS, complaint, decision, public_item


async def case(bureau, **changes):
    return "/corrections/desk/" + await bureau.application_id(await bureau.filed(**changes))


async def decisions_on(bureau):
    counted = (
        "SELECT count(*) FROM corrections.decisions JOIN corrections.applications USING (application_id) WHERE item_id = $1"
    )
    return await bureau.connection.fetchval(counted, bureau.item_id)


async def test_a_ruling_travels_with_its_corrections(bureau):
    address = await case(bureau)

    decided = await bureau.officer.post(f"{address}/decision", data=decision())
    said = await bureau.rulings(2)
    made = next(json.loads(value) for kind, value in said if kind == "gongshi.ruling.made.v1")

    assert decided.status_code == 200
    assert made["corrections"] == [{"field": "amount", "value": "8460.00"}]
    assert made["decision"] == "corrected"
    assert made["reply_number"] == decided.json()["reply_number"]
    assert made["rules_version"] == "2018-01-01"
    assert not any(secret in json.dumps(made, ensure_ascii=False) for secret in ("林嘉", "沈悦", "shen", "47份"))


async def test_a_ruling_travels_with_its_effects_on_complaints(bureau):
    address = await case(bureau)
    sent = decision(decision="withdrawn", reason_code="W03") | {f"exclude.{bureau.complaint_id}": "yes"}

    await bureau.officer.post(f"{address}/decision", data=sent)
    said = await bureau.rulings(2)
    made = next(json.loads(value) for kind, value in said if kind == "gongshi.ruling.made.v1")

    assert [(effect["complaint_id"], effect["exclude"]) for effect in made["effects"]] == [(str(bureau.complaint_id), True)]
    assert made["corrections"] == [], "nothing is left to put right on an item that is withdrawn"


async def test_an_open_complaint_is_closed_by_the_outcome_that_it_is_given(bureau):
    opened = UUID(int=next(NUMBERS))
    bureau = replace(bureau, item_id=f"GS-2026-{next(NUMBERS):06}")
    await bureau.know(
        complaint(opened, status=Status.MEDIATING, outcome=None, closed_on=None),
        ItemReleased(item=public_item(bureau.item_id, period="2026-09", board="basic")),
    )
    address = await case(bureau, field="", value="")

    sent = decision(reason_code="C04") | {f"outcome.{opened}": "mediated", "field.amount": ""}
    await bureau.officer.post(f"{address}/decision", data=sent)
    said = await bureau.rulings(2)
    made = next(json.loads(value) for kind, value in said if kind == "gongshi.ruling.made.v1")

    assert [(e["complaint_id"], e["status"], e["outcome"]) for e in made["effects"]] == [(str(opened), "closed", "mediated")]


async def test_of_two_officers_one_wins_and_the_other_sees_it(bureau):
    address = await case(bureau)
    upheld = decision(decision="upheld", reason_code="K01")

    answers = await asyncio.gather(
        bureau.officer.post(f"{address}/decision", data=decision(), headers=BROWSER),
        bureau.colleague.post(f"{address}/decision", data=upheld, headers=BROWSER),
    )
    late = next(answer for answer in answers if answer.status_code == 409)

    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert "您的决定没有保存" in late.text
    assert "公示答复〔" in late.text, "the decision that was made is shown"
    assert await decisions_on(bureau) == 1


async def test_a_decision_on_an_older_version_is_sent_back(bureau):
    address = await case(bureau)
    await bureau.know(ItemCorrected(item=bureau.item(version=3)))

    answer = await bureau.officer.post(f"{address}/decision", data=decision(), headers=BROWSER)

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
async def test_a_decision_that_cannot_be_made_says_why(bureau, changes, field):
    address = await case(bureau)

    answer = await bureau.officer.post(f"{address}/decision", data=decision(**changes))

    assert answer.status_code == 422
    assert [reason["field"] for reason in answer.json()["reasons"]] == [field]


async def test_the_reply_is_seen_before_it_is_sent(bureau):
    address = await case(bureau)

    answer = await bureau.officer.post(f"{address}/decision", data=decision(preview="yes"), headers=BROWSER)

    assert answer.status_code == 200
    assert "（提交后编号）" in answer.text
    assert await decisions_on(bureau) == 0


async def test_replies_are_numbered_without_gaps(bureau):
    upheld = decision(decision="upheld", reason_code="K01")
    first = await case(bureau)
    one = await bureau.officer.post(f"{first}/decision", data=decision())
    second = await case(bureau)
    await bureau.officer.post(f"{second}/decision", data=upheld | {"reply": ""})
    await bureau.officer.post(f"{first}/decision", data=upheld)
    two = await bureau.colleague.post(f"{second}/decision", data=upheld)

    numbers = [int(answer.json()["reply_number"].split("〕")[1].removesuffix("号")) for answer in (one, two)]
    assert numbers[1] == numbers[0] + 1


async def test_the_operator_reads_the_reply(bureau):
    tracking = await bureau.filed()
    address = "/corrections/desk/" + await bureau.application_id(tracking)
    await bureau.officer.post(f"{address}/start")
    await bureau.officer.post(f"{address}/decision", data=decision())

    page = await bureau.operator.get(tracking, headers=BROWSER)
    followed = (await bureau.operator.get(tracking)).json()

    assert "押金单合计" in page.text
    assert (followed["state"], followed["reply"]["decision"]) == ("decided", "corrected")


async def test_the_desk_is_for_officers(bureau):
    address = await case(bureau)

    assert (await bureau.operator.get("/corrections/desk")).status_code == 401
    assert (await bureau.operator.post(f"{address}/decision", data=decision())).status_code == 401
    assert (await bureau.officer.get(address, headers=BROWSER)).status_code == 200
    assert (await bureau.officer.get("/corrections/desk", headers=BROWSER)).status_code == 200


async def test_every_step_stands_in_the_journal(bureau):
    tracking = await bureau.filed()
    followed = (await bureau.operator.get(tracking)).json()
    address = f"/corrections/desk/{followed['application_id']}"
    await bureau.officer.post(f"{address}/start")
    await bureau.officer.post(f"{address}/decision", data=decision())

    told = "SELECT actor, action FROM corrections.journal WHERE subject = $1 ORDER BY seq"
    rows = await bureau.connection.fetch(told, followed["receipt"])
    async with bureau.connection.transaction():
        await bureau.connection.execute("SET LOCAL search_path = corrections")
        wrong = await faults(bureau.connection)

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
async def test_the_database_refuses_to_undo_a_decision(bureau, statement):
    address = await case(bureau)
    await bureau.officer.post(f"{address}/decision", data=decision())

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await bureau.connection.execute(statement)
