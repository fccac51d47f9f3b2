"""An operator files, follows, adds to and takes back an application."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest

from shared.contracts import ItemReleased, ItemState, ItemWithdrawn
from tests.integration.corrections.conftest import BROWSER, OTHER_USCC, PDF, PNG, USCC, complaint, form


async def test_an_application_gets_a_receipt_a_deadline_and_an_event(bureau):
    tracking = await bureau.filed()

    followed = (await bureau.operator.get(tracking)).json()
    said = await bureau.rulings(1)

    assert followed["receipt"].startswith("SQ-20")
    assert followed["state"] == "filed"
    assert followed["due_on"] > followed["filed_at"][:10]
    assert said[0][0] == "gongshi.application.filed.v1"
    assert json.loads(said[0][1])["receipt"] == followed["receipt"]
    assert not any(secret in said[0][1].decode() for secret in ("林嘉", "1390000", "押金"))


async def test_the_same_form_twice_is_one_application(bureau):
    submission = str(uuid4())

    answers = await asyncio.gather(*(bureau.file(submission=submission) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["tracking"] for answer in answers}) == 1
    assert (
        await bureau.connection.fetchval("SELECT count(*) FROM corrections.applications WHERE item_id = $1", bureau.item_id)
        == 1
    )


async def test_a_second_open_application_on_the_item_is_refused(bureau):
    await bureau.filed()

    answer = await bureau.file()

    assert (answer.status_code, answer.json()["code"]) == (409, "one_is_open")


async def test_a_wrong_form_says_field_by_field_what_to_mend(bureau):
    answer = await bureau.file(uscc=OTHER_USCC, statement=" ", contact_phone="没有")

    assert answer.status_code == 422
    assert {reason["field"] for reason in answer.json()["reasons"]} == {"uscc", "statement", "contact_phone"}


async def test_a_wrong_form_keeps_what_was_typed(bureau):
    sent = form(bureau.item_id, statement="", contact_name="<b>林嘉</b>")

    answer = await bureau.operator.post(
        "/corrections/new", data=sent, files=[("evidence", ("退款凭证.heic", b"\0\0\0\x18ftypheic"))], headers=BROWSER
    )

    assert answer.status_code == 422
    assert "请填写理由" in answer.text
    assert "&lt;b&gt;林嘉&lt;/b&gt;" in answer.text
    assert "退款凭证.heic" in answer.text


async def test_an_item_that_is_not_published_cannot_be_disputed(bureau):
    assert (await bureau.file(item="GS-2026-999999")).status_code == 404


async def test_a_withdrawn_item_keeps_its_applications_readable(bureau):
    tracking = await bureau.filed()
    gone = bureau.item(version=3, state=ItemState.WITHDRAWN, title=None, summary=None, content=None, operator=None)

    await bureau.know(ItemWithdrawn(item=gone))
    page = await bureau.operator.get(tracking, headers=BROWSER)
    again = await bureau.file(submission=str(uuid4()))

    assert page.status_code == 200
    assert bureau.item_id in page.text
    assert again.status_code == 422


async def test_evidence_is_kept_and_given_back_as_a_download(bureau):
    tracking = await bureau.filed()

    added = await bureau.operator.post(
        f"{tracking}/evidence", files=[("evidence", ("照片.png", PNG)), ("evidence", ("押金单.pdf", PDF))]
    )
    found = await bureau.operator.get(f"{tracking}/evidence/2")

    assert added.status_code == 303
    assert (await bureau.operator.get(tracking)).json()["evidence"] == 2, "a file that is held is passed over"
    assert found.content == PNG
    assert found.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert found.headers["x-content-type-options"] == "nosniff"


async def test_a_stranger_cannot_find_an_application(bureau):
    await bureau.filed()

    assert (await bureau.operator.get("/corrections/track/" + "x" * 43)).status_code == 404
    assert (await bureau.operator.get("/corrections/track/x/evidence/1")).status_code == 404


async def test_taking_back_asks_first_and_is_said_once(bureau):
    tracking = await bureau.filed()

    asked = await bureau.operator.post(f"{tracking}/withdraw")
    for _ in range(2):
        await bureau.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})
    said = await bureau.rulings(2)

    assert asked.headers["location"].endswith("?withdraw=1")
    assert (await bureau.operator.get(tracking)).json()["state"] == "withdrawn_by_operator"
    assert [kind for kind, _ in said].count("gongshi.application.withdrawn.v1") == 1
    assert (await bureau.file(submission=str(uuid4()))).status_code == 201, "and may apply again"


async def test_an_operator_finds_what_is_published_of_it(bureau):
    for text in (USCC, bureau.item_id, "云州悦动"):
        page = await bureau.operator.get("/corrections", params={"q": text}, headers=BROWSER)
        assert f"/corrections/new?item={bureau.item_id}" in page.text


@pytest.mark.parametrize("text", ["%", "_", "\\", "'; DROP TABLE x; --"])
async def test_signs_of_patterns_find_nothing(bureau, text):
    page = await bureau.operator.get("/corrections", params={"q": text}, headers=BROWSER)

    assert page.status_code == 200
    assert "/corrections/new" not in page.text


async def test_older_versions_and_revisions_change_nothing(bureau):
    await bureau.know(ItemReleased(item=bureau.item(version=1, title="旧标题")))
    await bureau.know(
        complaint(bureau.complaint_id, revision=3, amount="1.00"), complaint(bureau.complaint_id, revision=2, amount="2.00")
    )

    version = "SELECT version FROM corrections.published_items WHERE item_id = $1"
    amount = "SELECT amount FROM corrections.complaints WHERE complaint_id = $1"
    assert await bureau.connection.fetchval(version, bureau.item_id) == 2
    assert str(await bureau.connection.fetchval(amount, bureau.complaint_id)) == "1.00"


async def test_a_form_from_another_site_is_refused(bureau):
    answer = await bureau.operator.post(
        "/corrections/new",
        data=form(bureau.item_id),
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403


async def test_hostile_uploads_are_refused_and_nothing_is_filed(bureau):
    eleven = [(f"{number}.pdf", PDF + str(number).encode()) for number in range(11)]

    too_many = await bureau.file(files=eleven)
    flood = await bureau.file(files=[(f"{number}.pdf", PDF) for number in range(40)])
    huge = await bureau.file(files=[("huge.pdf", PDF + b"\0" * (40 * 1024 * 1024))])
    script = await bureau.file(files=[("picture.png", b"<svg onload=alert(1)>")])
    nul = await bureau.file(statement="甲\x00乙", submission="not a number", contact_name="林\x00嘉")

    assert [answer.status_code for answer in (too_many, flood, huge, script)] == [422, 400, 413, 422]
    assert nul.status_code == 201
    assert (
        await bureau.connection.fetchval("SELECT count(*) FROM corrections.applications WHERE item_id = $1", bureau.item_id)
        == 1
    )


async def test_texts_are_shown_as_they_were_typed_and_never_run(bureau):
    tracking = await bureau.filed(statement="<script>alert(1)</script>\n{{ 7 * 7 }}", contact_name='"><img src=x>')
    address = "/corrections/desk/" + await bureau.application_id(tracking)

    pages = [await bureau.operator.get(tracking, headers=BROWSER), await bureau.officer.get(address, headers=BROWSER)]

    for page in pages:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert "{{ 7 * 7 }}" in page.text
        assert "<img src=x>" not in page.text
