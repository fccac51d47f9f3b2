"""Applicants who want it are told by mail that something has happened: of which number, and never what."""

from __future__ import annotations

import pytest

from services.corrections.mailing import ApplicationMailer
from tests.integration.corrections.conftest import BROWSER, NAME, decision
from tests.mail_server import run_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADDRESS = "legal@example.cn"
SECRETS = ("8460", "8,460", "押金", "林嘉", "13900000000", "储物柜", NAME, "营业执照")


@pytest.fixture
def post(harness):
    """What the mail server takes, and how the service sends what waits."""
    with run_server() as (inbox, port):
        own = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "gongshi@example.cn"}
        state = harness.app.state
        settings = harness.settings.model_copy(update=own)
        state.settings = settings
        inbox.mailer = ApplicationMailer(state.database, settings, state.address_box, state.pages)
        yield inbox
        state.settings = harness.settings


async def count_addresses(harness):
    return await harness.connection.fetchval("SELECT count(*) FROM corrections.mail_contacts")


async def test_from_the_receipt_to_the_reply_with_the_number_only(harness, post):
    tracking = await harness.file_application(email=ADDRESS)
    receipt = (await harness.operator.get(tracking)).json()["receipt"]
    address = f"/corrections/desk/{await harness.application_id(tracking)}"
    stored = await harness.connection.fetchval("SELECT t::text FROM corrections.mail_contacts t")
    assert ADDRESS not in stored
    assert ADDRESS.encode().hex() not in stored
    assert await post.mailer.send_due() == 1

    await harness.officer.post(f"{address}/start", data={"identity_checked": "yes"})
    await harness.officer.post(f"{address}/evidence-request", data={"words": "请补充营业执照。"})
    await harness.officer.post(f"{address}/extension", data={"words": "押金单较多。"})
    assert await post.mailer.send_due() == 2
    await harness.officer.post(f"{address}/decision", data=decision())
    assert await post.mailer.send_due() == 1
    assert await post.mailer.send_due() == 0

    subjects = ["申请已收到", "需要补正材料", "答复期限有变动", "已作出书面答复"]
    assert [message["subject"] for message in post.messages] == [f"{receipt}：{each}" for each in subjects]
    for message in post.messages:
        assert message["to"] == ADDRESS
        text = message.get_content()
        assert receipt in text
        assert "/corrections" in text
        assert not [secret for secret in (*SECRETS, tracking.rpartition("/")[2]) if secret in text]
    assert await count_addresses(harness) == 0, "nothing more is told"


async def test_an_outage_costs_no_notice_and_two_processes_send_one(harness, post):
    await harness.file_application(email=ADDRESS)
    post.refuse = True
    assert await post.mailer.send_due() == 0
    post.refuse = False
    assert await post.mailer.send_due() == 0, "another process may be at it"
    await harness.connection.execute("UPDATE corrections.mail_notices SET claimed_at = claimed_at - interval '1 hour'")
    assert await post.mailer.send_due() == 1


async def test_who_names_no_address_is_told_nothing_and_what_is_none_is_refused(harness, post):
    refused = await harness.submit_form(email="a@example.cn, b@example.cn")
    assert refused.status_code == 422
    assert [reason["field"] for reason in refused.json()["reasons"]] == ["email"]

    await harness.file_application()

    assert await post.mailer.send_due() == 0


async def test_without_a_mail_server_no_address_is_asked_for_or_kept(harness):
    before = await count_addresses(harness)
    page = await harness.operator.get(f"/corrections/new?item={harness.item_id}", headers=BROWSER)
    assert 'name="email"' not in page.text

    await harness.file_application(email=ADDRESS)

    assert await count_addresses(harness) == before
