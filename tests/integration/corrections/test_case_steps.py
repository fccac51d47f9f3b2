"""Officers ask for evidence and extend a term; the applicant reads it, disputes single complaints, and has a receipt."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import orjson
import pytest

from services.corrections.store import case_steps
from shared.accounts import Role
from tests.integration.corrections.conftest import BROWSER, PDF, complaint, decision

DRAFTED = """
INSERT INTO publisher.versions
       (item_id, version, purpose, state, form, digest, checks, failing, warning, drafted_by, drafted_at, rules_version)
VALUES ($1, 1, 'publish', 'superseded', '{}', sha256('{}'), '[]', 0, 0, $2, now(), '2026-04-15')
"""


@pytest.fixture
async def tracking(harness):
    return await harness.file_application()


@pytest.fixture
async def address(harness, tracking):
    return "/corrections/desk/" + await harness.application_id(tracking)


async def test_the_clock_stands_while_evidence_is_awaited_and_runs_on_when_it_arrives(harness, tracking, address):
    before = (await harness.operator.get(tracking)).json()
    requested = await harness.officer.post(f"{address}/evidence-request", data={"words": "请补营业执照副本"})
    again = await harness.officer.post(f"{address}/evidence-request", data={"words": "还缺委托书"})
    empty = await harness.officer.post(f"{address}/extension", data={"words": " "})
    waiting = (await harness.operator.get(tracking)).json()
    page = (await harness.operator.get(tracking, headers=BROWSER)).text

    assert (requested.status_code, again.status_code, empty.status_code) == (303, 409, 422)
    assert again.json()["code"] == "requested_before"
    assert date.fromisoformat(waiting["due_on"]) > date.fromisoformat(before["due_on"])
    assert waiting["evidence_request"]["words"] == "请补营业执照副本"
    assert "请补营业执照副本" in page
    assert "因等待补正材料" in page

    files = [("evidence", ("营业执照.pdf", PDF + b"\n%2"))]
    assert (await harness.operator.post(f"{tracking}/evidence", files=files)).status_code == 303

    arrived = (await harness.operator.get(tracking)).json()
    assert arrived["due_on"] == before["due_on"]
    assert arrived["evidence_request"]["answered_on"]
    assert [change["cause"] for change in arrived["deadline_changes"]] == ["evidence_requested", "evidence_received"]


async def test_a_term_is_extended_once_and_the_new_day_is_told_to_the_publisher(harness, tracking, address):
    await harness.officer.post(f"{address}/start", data={"identity_checked": "yes"})
    extended = await harness.officer.post(f"{address}/extension", data={"words": "需要向承办单位调取材料"})
    again = await harness.officer.post(f"{address}/extension", data={"words": "还要更久"})
    tracked = (await harness.operator.get(tracking)).json()

    assert (extended.status_code, again.status_code) == (303, 409)
    assert tracked["extension_workdays"] == 15
    *_earlier, accepted, moved = await harness.fetch_rulings(3)
    assert accepted[0] == moved[0] == "gongshi.application.accepted.v1"
    assert orjson.loads(accepted[1])["due_on"] < orjson.loads(moved[1])["due_on"] == tracked["due_on"]
    page = (await harness.officer.get(address, headers=BROWSER)).text
    assert "需要向承办单位调取材料" in page
    assert "没有参与这条信息的起草、审核和发布" in page
    assert (await harness.operator.post(f"{address}/extension", data={"words": "x"})).status_code == 401


async def test_who_approved_the_item_under_another_account_may_not_decide_on_it(harness, address):
    await harness.connection.execute("UPDATE accounts.people SET staff_number = 'S-77' WHERE name = 'zhao'")
    await harness.connection.execute(
        "INSERT INTO accounts.people (name, display_name, role, password_hash, staff_number) VALUES ($1, '赵凯', $2, 'x', 'S-77')",
        other := f"zhao-{uuid4().hex[:8]}",
        Role.REVIEWER,
    )
    await draft(harness, other)

    refused = await harness.colleague.post(f"{address}/decision", data=decision())
    page = (await harness.colleague.get(address, headers=BROWSER)).text
    allowed = await harness.officer.post(f"{address}/decision", data=decision())

    assert (refused.status_code, refused.json()["code"]) == (409, "took_part")
    assert "应当回避" in page
    assert allowed.status_code == 200


async def draft(harness, person):
    """Store that a person drafted the item, as the publisher would; the test has no publisher."""
    async with harness.connection.transaction():
        await harness.connection.execute("SET LOCAL session_replication_role = replica")
        await harness.connection.execute(DRAFTED, harness.item_id, person)


async def test_an_accepted_applicant_names_the_complaints_that_are_wrong(harness, tracking, address):
    await harness.publish_and_wait(complaint(harness.complaint_id))
    early = await harness.operator.post(f"{tracking}/complaints", data={"complaint": str(harness.complaint_id)})
    assert "计入的投诉" not in (await harness.operator.get(tracking, headers=BROWSER)).text
    await harness.officer.post(f"{address}/start", data={"identity_checked": "yes"})

    foreign = await harness.operator.post(f"{tracking}/complaints", data={"complaint": str(uuid4())})
    named = await harness.operator.post(f"{tracking}/complaints", data={"complaint": str(harness.complaint_id)})

    assert (early.status_code, foreign.status_code, named.status_code) == (409, 422, 303)
    page = (await harness.operator.get(tracking, headers=BROWSER)).text
    assert "计入的投诉" in page
    assert f"YZ-{harness.complaint_id}" not in page
    assert "申请人有异议" in (await harness.officer.get(address, headers=BROWSER)).text
    assert (await harness.operator.post(f"{tracking}/complaints")).status_code == 303
    assert "申请人有异议" not in (await harness.officer.get(address, headers=BROWSER)).text


async def test_the_receipt_has_the_code_and_the_code_finds_the_case(harness, tracking):
    code = tracking.rpartition("/")[2]
    receipt = (await harness.operator.get(tracking)).json()["receipt"]
    found = await harness.operator.get("/corrections/track", params={"code": f"{receipt} {code.lower().replace('-', ' ')}"})
    typed = await harness.operator.get(f"/corrections/track/{code.lower().replace('-', '').replace('0', 'o')}")
    paper = await harness.operator.get(f"{tracking}/receipt.pdf")

    assert (found.status_code, found.headers["location"]) == (303, tracking)
    assert typed.json()["receipt"] == receipt
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert (await harness.operator.get("/corrections/track/0000-0000-0000-0000/receipt.pdf")).status_code == 404


async def test_a_reply_names_the_remedies(harness, tracking, address):
    await harness.officer.post(f"{address}/decision", data=decision())

    page = (await harness.operator.get(tracking, headers=BROWSER)).text
    assert "行政复议" in page


async def test_the_statements_are_what_the_schema_knows(harness):
    async with harness.app.state.database.pool.acquire() as connection:
        for statement in (case_steps.SAVE, case_steps.CHANGE, case_steps.FORGET, case_steps.DISPUTE, case_steps.DISPUTED):
            await connection.prepare(statement)
