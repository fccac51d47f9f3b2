"""An operator files, follows, adds to and takes back an application."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from urllib.parse import unquote
from uuid import uuid4

import pytest

from services.corrections.store.terms import REMOVED, remove_evidence
from services.corrections.store.tracking_codes import MAX_CODES, VALID_AFTER_END, sweep_codes
from services.corrections.sweeper import Sweeper
from services.corrections.web import apply
from shared.contracts import ItemReleased, ItemState, ItemWithdrawn
from shared.web.request_budget import RequestBudget
from tests.hostile import VALUES
from tests.integration.corrections.conftest import BROWSER, OTHER_USCC, PDF, PNG, USCC, complaint, form
from tests.media_files import film, jpeg

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


async def test_a_filed_application_has_a_receipt_a_deadline_and_an_event(harness):
    tracking = await harness.file_application()

    followed = (await harness.operator.get(tracking)).json()
    events = await harness.fetch_rulings(1)

    assert followed["receipt"].startswith("SQ-20")
    assert followed["state"] == "filed"
    assert followed["due_on"] > followed["filed_at"][:10]
    assert events[0][0] == "gongshi.application.filed.v1"
    assert json.loads(events[0][1])["receipt"] == followed["receipt"]
    assert not any(secret in events[0][1].decode() for secret in ("林嘉", "1390000", "押金"))


async def test_the_same_form_twice_is_one_application_to_which_every_answer_leads(harness):
    submission = str(uuid4())

    answers = await asyncio.gather(*(harness.submit_form(submission=submission) for _ in range(4)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({await harness.application_id(answer.json()["tracking"]) for answer in answers}) == 1
    assert (
        await harness.connection.fetchval("SELECT count(*) FROM corrections.applications WHERE item_id = $1", harness.item_id)
        == 1
    )


async def test_no_tracking_code_stands_in_the_database(harness):
    tracking = await harness.file_application()
    code = tracking.rsplit("/", 1)[1]

    tables = await harness.connection.fetch(
        "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables"
        " WHERE table_schema = 'corrections' AND table_type = 'BASE TABLE'"
    )
    holding = [
        row["name"]
        for row in tables
        if await harness.connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {row['name']} AS t WHERE t::text LIKE '%' || $1 || '%')", code
        )
    ]

    assert "corrections.tracking_codes" in {row["name"] for row in tables}
    assert holding == []
    assert (await harness.operator.get(tracking)).status_code == 200


async def test_a_form_that_is_sent_again_a_day_later_gets_no_code(harness):
    submission = str(uuid4())
    tracking = await harness.file_application(submission=submission)
    application_id = await harness.application_id(tracking)
    await harness.connection.execute(
        "UPDATE corrections.applications SET filed_at = filed_at - interval '1 day' WHERE application_id = $1", application_id
    )

    again = await harness.submit_form(submission=submission)

    assert (again.status_code, again.json()["code"]) == (409, "filed_before")
    assert "tracking" not in again.json()


async def test_an_application_has_no_more_codes_than_ten(harness):
    submission = str(uuid4())

    answers = [(await harness.submit_form(submission=submission)).status_code for _ in range(MAX_CODES + 1)]

    assert answers == [201] * MAX_CODES + [409]


async def test_a_code_ends_some_time_after_its_application(harness):
    tracking = await harness.file_application()
    application_id = await harness.application_id(tracking)
    await harness.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})
    end = "UPDATE corrections.applications SET closed_at = $2 WHERE application_id = $1"
    now = harness.app.state.database.clock()

    await harness.connection.execute(end, application_id, now - VALID_AFTER_END + timedelta(hours=1))
    before = await harness.operator.get(tracking)
    await harness.connection.execute(end, application_id, now - VALID_AFTER_END - timedelta(hours=1))
    after = [await harness.operator.get(path) for path in (tracking, f"{tracking}/evidence/1")]
    found = await harness.operator.get("/corrections/track", params={"code": tracking})
    swept = await sweep_codes(harness.connection, now)

    assert before.status_code == 200
    assert {answer.status_code for answer in (*after, found)} == {404}
    assert swept == 1


async def test_a_second_open_application_on_the_item_is_refused(harness):
    await harness.file_application()

    answer = await harness.submit_form()

    assert (answer.status_code, answer.json()["code"]) == (409, "one_is_open")


async def test_a_client_files_no_more_than_its_budget_of_which_a_faulty_form_takes_nothing(harness, monkeypatch):
    monkeypatch.setattr(apply, "FILINGS", RequestBudget("few_applications", burst=1, per_hour=60))
    faulty = await harness.submit_form(statement="")
    tracking = await harness.file_application()
    taken = await harness.submit_form()
    await harness.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})
    over = await harness.submit_form()

    assert [answer.status_code for answer in (faulty, taken, over)] == [422, 409, 429]
    assert over.headers["retry-after"] == "60"


async def test_an_invalid_form_is_answered_with_a_reason_per_field(harness):
    answer = await harness.submit_form(uscc=OTHER_USCC, statement=" ", contact_phone="没有")

    assert answer.status_code == 422
    assert {reason["field"] for reason in answer.json()["reasons"]} == {"uscc", "statement", "contact_phone"}


async def test_an_invalid_form_is_shown_again_with_its_values(harness):
    sent = form(harness.item_id, statement="", contact_name="<b>林嘉</b>")

    answer = await harness.operator.post(
        "/corrections/new", data=sent, files=[("evidence", ("退款凭证.heic", b"\0\0\0\x18ftypheic"))], headers=BROWSER
    )

    assert answer.status_code == 422
    assert "请填写理由" in answer.text
    assert "&lt;b&gt;林嘉&lt;/b&gt;" in answer.text
    assert "退款凭证.heic" in answer.text


async def test_an_item_that_is_not_published_cannot_be_disputed(harness):
    assert (await harness.submit_form(item="GS-2026-999999")).status_code == 404


async def test_a_withdrawn_item_keeps_its_applications_readable(harness):
    tracking = await harness.file_application()
    gone = harness.item(version=3, state=ItemState.WITHDRAWN, title=None, summary=None, content=None, operator=None)

    await harness.publish_and_wait(ItemWithdrawn(item=gone))
    page = await harness.operator.get(tracking, headers=BROWSER)
    again = await harness.submit_form(submission=str(uuid4()))

    assert page.status_code == 200
    assert harness.item_id in page.text
    assert again.status_code == 422


async def test_evidence_is_stored_and_served_as_a_download(harness):
    tracking = await harness.file_application()

    added = await harness.operator.post(
        f"{tracking}/evidence", files=[("evidence", ("照片.png", PNG)), ("evidence", ("押金单.pdf", PDF))]
    )
    found = await harness.operator.get(f"{tracking}/evidence/2")

    assert added.status_code == 303
    assert (await harness.operator.get(tracking)).json()["evidence"] == 2, "a file that is held is passed over"
    assert found.content == PNG
    assert found.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert found.headers["x-content-type-options"] == "nosniff"


async def test_a_stranger_cannot_find_an_application(harness):
    await harness.file_application()

    assert (await harness.operator.get("/corrections/track/" + "x" * 43)).status_code == 404
    assert (await harness.operator.get("/corrections/track/x/evidence/1")).status_code == 404


async def test_of_a_code_that_opens_nothing_no_body_is_read(harness):
    async def body():
        raise AssertionError("it is read")
        yield b""

    head = {"content-type": "multipart/form-data; boundary=b", "content-length": str(20 << 20)}
    answer = await harness.operator.post(f"/corrections/track/{'x' * 43}/evidence", content=body(), headers=head)

    assert answer.status_code == 404


async def test_withdrawal_asks_for_confirmation_and_emits_one_event(harness):
    tracking = await harness.file_application()

    response = await harness.operator.post(f"{tracking}/withdraw")
    for _ in range(2):
        await harness.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})
    events = await harness.fetch_rulings(2)

    assert response.headers["location"].endswith("?withdraw=1")
    assert (await harness.operator.get(tracking)).json()["state"] == "withdrawn_by_operator"
    assert [kind for kind, _ in events].count("gongshi.application.withdrawn.v1") == 1
    assert (await harness.submit_form(submission=str(uuid4()))).status_code == 201, "and may apply again"


async def test_an_operator_finds_its_published_items(harness):
    for text in (USCC, harness.item_id, "云州悦动"):
        page = await harness.operator.get("/corrections", params={"q": text}, headers=BROWSER)
        assert f"/corrections/new?item={harness.item_id}" in page.text


@pytest.mark.parametrize("text", ["%", "_", "\\", "'; DROP TABLE x; --"])
async def test_like_wildcards_match_nothing(harness, text):
    page = await harness.operator.get("/corrections", params={"q": text}, headers=BROWSER)

    assert page.status_code == 200
    assert "/corrections/new" not in page.text


async def test_older_versions_and_revisions_change_nothing(harness):
    await harness.publish_and_wait(ItemReleased(item=harness.item(version=1, title="旧标题")))
    await harness.publish_and_wait(
        complaint(harness.complaint_id, revision=3, amount="1.00"), complaint(harness.complaint_id, revision=2, amount="2.00")
    )

    version = "SELECT version FROM corrections.published_items WHERE item_id = $1"
    amount = "SELECT amount FROM corrections.complaints WHERE complaint_id = $1"
    assert await harness.connection.fetchval(version, harness.item_id) == 2
    assert str(await harness.connection.fetchval(amount, harness.complaint_id)) == "1.00"


async def test_a_form_from_another_site_is_refused(harness):
    answer = await harness.operator.post(
        "/corrections/new",
        data=form(harness.item_id),
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403


async def test_hostile_uploads_are_refused_and_nothing_is_filed(harness):
    eleven = [(f"{number}.pdf", PDF + str(number).encode()) for number in range(11)]

    too_many = await harness.submit_form(files=eleven)
    flood = await harness.submit_form(files=[(f"{number}.pdf", PDF) for number in range(40)])
    huge = await harness.submit_form(files=[("huge.pdf", PDF + b"\0" * (40 * 1024 * 1024))])
    script = await harness.submit_form(files=[("picture.png", b"<svg onload=alert(1)>")])
    nul = await harness.submit_form(statement="甲\x00乙", submission="not a number", contact_name="林\x00嘉")

    assert [answer.status_code for answer in (too_many, flood, huge, script)] == [422, 400, 413, 422]
    assert nul.status_code == 201
    assert (
        await harness.connection.fetchval("SELECT count(*) FROM corrections.applications WHERE item_id = $1", harness.item_id)
        == 1
    )


async def test_submitted_text_is_escaped(harness):
    tracking = await harness.file_application(statement="<script>alert(1)</script>\n{{ 7 * 7 }}", contact_name='"><img src=x>')
    address = "/corrections/desk/" + await harness.application_id(tracking)

    pages = [await harness.operator.get(tracking, headers=BROWSER), await harness.officer.get(address, headers=BROWSER)]

    for page in pages:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert "{{ 7 * 7 }}" in page.text
        assert "<img src=x>" not in page.text


@pytest.mark.parametrize(("accepted", "words"), [("zh", "照片图库"), ("en", "Photo Library")])
async def test_a_program_is_told_of_each_file_how_to_send_it(harness, accepted, words):
    files = [("IMG_0001.HEIC", HEIC), ("合同.docx", b"PK\x03\x04word/document.xml"), ("押金单.pdf", PDF)]

    parts = [("evidence", file) for file in files]
    answer = await harness.operator.post(
        "/corrections/new", data=form(harness.item_id), files=parts, headers={"Accept-Language": accepted}
    )

    reasons = answer.json()["reasons"]
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [(each["field"], each["code"], each["file"]) for each in reasons] == [
        ("evidence", "heif", "IMG_0001.HEIC"),
        ("evidence", "office", "合同.docx"),
    ]
    assert words in reasons[0]["message"]


async def test_a_program_is_told_of_each_file_added_later(harness):
    tracking = await harness.file_application()

    refused = await harness.operator.post(f"{tracking}/evidence", files=[("evidence", ("IMG_0001.HEIC", HEIC))])
    repeated = await harness.operator.post(f"{tracking}/evidence", files=[("evidence", ("押金单.pdf", PDF))])

    assert (refused.status_code, refused.json()["reasons"][0]["code"]) == (422, "heif")
    assert (repeated.status_code, repeated.json()["reasons"][0]["message"]) == (422, "请选择还没有提交过的文件")


async def test_the_page_tells_of_a_rejected_file_and_asks_for_no_other(harness):
    page = await harness.operator.post(
        "/corrections/new", data=form(harness.item_id), files=[("evidence", ("IMG_0001.HEIC", HEIC))], headers=BROWSER
    )

    assert page.status_code == 422
    assert "照片图库" in page.text
    assert "请上传至少一份证据" not in page.text


async def test_of_a_motion_photo_the_picture_is_stored(harness):
    tracking = await harness.file_application()

    added = await harness.operator.post(
        f"{tracking}/evidence", files=[("evidence", ("IMG_20261101.MP.jpg", jpeg() + film(12 * 1024 * 1024)))]
    )
    served = await harness.operator.get(f"{tracking}/evidence/2")

    assert added.status_code == 303
    assert served.content == jpeg()
    assert served.headers["content-type"] == "image/jpeg"


async def test_a_file_whose_name_is_lost_is_not_passed_over(harness):
    boundary = {"content-type": "multipart/form-data; boundary=x"}
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form(harness.item_id).items()
    )
    file = (
        "--x\r\nContent-Disposition: form-data; name=\"evidence\"; filename*=UTF-8''%E8%AF%81.pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n"
    )

    answer = await harness.operator.post("/corrections/new", content=(fields + file).encode(), headers=boundary)

    assert (answer.status_code, [each["code"] for each in answer.json()["reasons"]]) == (422, ["unnamed"])


async def test_a_form_without_an_item_is_unprocessable(harness):
    nothing = await harness.operator.post("/corrections/new", data={})
    page = await harness.operator.post("/corrections/new", data={}, headers=BROWSER)

    assert (nothing.status_code, nothing.json()["reasons"][0]["field"]) == (422, "item")
    assert (page.status_code, "请先选择要申请的公示信息" in page.text) == (422, True)


@pytest.mark.parametrize("path", ["/corrections/new", "{tracking}/evidence", "{tracking}/withdraw"])
async def test_a_body_that_is_no_form_is_an_unsupported_media_type(harness, path):
    tracking = await harness.file_application()

    answer = await harness.operator.post(path.format(tracking=tracking), json={"item": harness.item_id})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("field", ["submission", "item", "matter", "field", "value", "statement", "operator_name", "uscc"])
async def test_no_value_of_a_field_is_answered_with_a_fault(harness, field):
    faults = []
    for value in VALUES:
        text = unquote(value)
        answer = await harness.submit_form(**{field: text})
        if answer.status_code not in (201, 404, 409, 422):
            faults.append((value, answer.status_code))

    assert faults == []


async def test_a_tracking_code_leads_to_its_application_however_it_is_typed(harness):
    tracking = await harness.file_application()
    receipt = (await harness.operator.get(tracking)).json()["receipt"]
    token = tracking.rsplit("/", 1)[1]

    for typed in (token, f" https://gongshi.test{tracking}?filed=1", f"{receipt} {token}"):
        answer = await harness.operator.get("/corrections/track", params={"code": typed}, headers=BROWSER)
        assert (answer.status_code, answer.headers["location"]) == (303, tracking)


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("{receipt}", 422, "只有回执编号不能查看进度"),
        ("sq 2026 000001 5", 422, "只有回执编号不能查看进度"),
        ("SQ-2026-999999-9 {token}", 422, "不是同一件申请"),
        ("{token}x", 422, "请填写完整的查询码"),
        ("", 422, "请填写完整的查询码"),
        ("x" * 43, 404, "没有找到这个查询码"),
    ],
)
async def test_anything_else_is_answered_with_what_to_enter(harness, typed, status, words):
    tracking = await harness.file_application()
    receipt = (await harness.operator.get(tracking)).json()["receipt"]
    code = typed.format(receipt=receipt, token=tracking.rsplit("/", 1)[1])

    page = await harness.operator.get("/corrections/track", params={"code": code}, headers=BROWSER)
    answer = await harness.operator.get("/corrections/track", params={"code": code})

    assert (page.status_code, words in page.text) == (status, True)
    assert tracking not in page.text
    assert (answer.status_code, answer.json()["reasons"][0]["field"]) == (status, "code")


async def test_contacts_and_evidence_are_removed_at_their_terms_and_the_digest_stays(harness):
    tracking = await harness.file_application()
    application_id = await harness.application_id(tracking)
    await harness.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})
    bureau, database = harness.app.state.bureau, harness.app.state.database
    terms = bureau.rules(database.clock()).terms
    sweeper = Sweeper(database, bureau.rules)
    end = "UPDATE corrections.applications SET closed_at = now() - make_interval(days => $2) WHERE application_id = $1"
    digest = "SELECT sha256, content, removed_bytes FROM corrections.evidence WHERE application_id = $1"
    contact = "SELECT contact_name, contact_phone FROM corrections.applications WHERE application_id = $1"

    states = []
    for days in (terms.contacts_days - 1, terms.contacts_days + 1, terms.evidence_days + 1):
        await harness.connection.execute(end, application_id, days)
        await sweeper.sweep()
        row = await harness.connection.fetchrow(digest, application_id)
        states.append((tuple(await harness.connection.fetchrow(contact, application_id)), row["content"], row["removed_bytes"]))
    page = await harness.officer.get(f"/corrections/desk/{application_id}", headers=BROWSER)
    download = await harness.officer.get(f"/corrections/desk/{application_id}/evidence/1")
    acts = await harness.connection.fetch("SELECT subject FROM corrections.journal WHERE action = 'term_reached'")

    whole = ("林嘉", "13900000000")
    assert states == [(whole, PDF, None), ((REMOVED, REMOVED), PDF, None), ((REMOVED, REMOVED), None, len(PDF))]
    assert row["sha256"] == sha256(PDF).digest()
    assert "保存期满" in page.text
    assert "林嘉" not in page.text
    assert download.status_code == 404
    assert {act["subject"] for act in acts} >= {"contacts", "evidence"}


async def test_no_service_removes_evidence_of_an_application_that_has_not_ended_half_a_year_ago(harness):
    tracking = await harness.file_application()
    await harness.operator.post(f"{tracking}/withdraw", data={"confirmed": "yes"})

    async with harness.app.state.database.unit_of_work() as uow:
        await remove_evidence(uow.connection, uow.now + timedelta(days=1))

    assert (await harness.operator.get(f"{tracking}/evidence/1")).status_code == 200
