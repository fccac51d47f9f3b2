"""Digests by mail: nothing before a confirmation, at most one a day, one click out, and no address in the clear."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.publisher.domain.feed_subject import FeedSubject
from services.publisher.store import mail
from tests.integration.conftest import fresh_system
from tests.integration.publisher.events import figure, month_closed
from tests.integration.publisher.running_publisher import HTML, SITE, release_month, run_publisher
from tests.mail_server import run_server

pytestmark = pytest.mark.asyncio(loop_scope="session")
ADDRESS = "reader@example.cn"


def text_of(message):
    return message.get_content()


@pytest.fixture
async def post(engines, template, tmp_path):
    """A publisher with a released month that sends by a mail server of the test."""
    with run_server() as (inbox, port):
        async with fresh_system(engines, template, tmp_path) as settings:
            own = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "gongshi@example.cn"}
            async with run_publisher(settings.model_copy(update=own)) as publisher:
                await release_month(publisher)
                publisher.inbox = inbox
                yield publisher


async def ask(publisher, subject="regions/990102", address=ADDRESS):
    form = {"subject": subject, "address": address}
    return await publisher.public.post("/subscriptions", data=form, headers={**HTML, **SITE})


async def send(publisher):
    return await publisher.app.state.mailer.send_due()


async def release_more(publisher, month="2026-08"):
    await publisher.produce(figure(0, 9, month=month), month_closed(1, 9, month=month))
    await publisher.release_all()


async def a_day_later(publisher):
    async with publisher.database.unit_of_work() as uow:
        await uow.connection.execute("UPDATE publisher.mail_subscriptions SET sent_at = sent_at - interval '1 day'")


async def test_from_the_question_to_the_digest_and_out_with_one_click(post):
    assert (await ask(post)).status_code == 200
    assert await send(post) == 1
    question = post.inbox.messages[-1]
    assert question["to"] == ADDRESS
    link = re.search(r"http\S+/subscriptions/\S+", text_of(question))[0]
    await release_more(post)
    assert await send(post) == 0, "nobody has confirmed"

    assert (await post.public.get(link, headers=HTML)).status_code == 200
    assert (await post.public.post(link, headers={**HTML, **SITE})).status_code == 200
    await release_more(post, "2026-07")
    assert await send(post) == 1
    digest = post.inbox.messages[-1]
    newest = next(item for item in await post.items() if item["period"] == "2026-07")
    assert newest["item_id"] in text_of(digest)
    assert "2026-08" not in text_of(digest), "it begins with the confirmation"
    await release_more(post, "2026-06")
    assert await send(post) == 0, "one a day"
    await a_day_later(post)
    assert await send(post) == 1

    out = digest["list-unsubscribe"].strip("<>")
    assert digest["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    answer = await post.public.post(out, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    async with post.database.snapshot() as connection:
        assert await connection.fetchval("SELECT count(*) FROM publisher.mail_subscriptions") == 0
    assert (await post.public.post(out)).status_code == 200, "twice is as good as once"
    assert (await post.public.get(link, headers=HTML)).status_code == 404


async def test_the_address_stands_nowhere_in_the_clear_and_an_outage_costs_no_digest(post):
    await ask(post)
    await send(post)
    async with post.database.snapshot() as connection:
        rows = await connection.fetch("SELECT t::text AS row FROM publisher.mail_subscriptions t")
    assert len(rows) == 1
    assert ADDRESS.encode().hex() not in rows[0]["row"]
    assert "reader" not in rows[0]["row"]

    token = re.search(r"/subscriptions/(\S+)", text_of(post.inbox.messages[-1]))[1]
    await post.public.post(f"/subscriptions/{token}", headers=SITE)
    await release_more(post)
    post.inbox.refuse = True
    assert await send(post) == 0
    post.inbox.refuse = False
    assert await send(post) == 1


async def test_nobody_is_asked_twice_and_what_nobody_confirms_is_forgotten(post):
    for _ in range(5):
        await ask(post)
    assert await send(post) == 1
    await ask(post)
    assert await send(post) == 0
    async with post.database.unit_of_work() as uow:
        await mail.forget_unconfirmed(uow.connection, uow.now + timedelta(seconds=1))
        assert await uow.connection.fetchval("SELECT count(*) FROM publisher.mail_subscriptions") == 0


async def test_a_stranger_has_few_mails_sent_and_few_of_them_to_one_address(post):
    subjects = [f"regions/{code}" for code in range(990102, 990108)]
    answers = [await ask(post, subject) for subject in subjects]
    assert {answer.status_code for answer in answers} == {200}, "nobody learns what is known of an address"
    assert await send(post) == mail.MAX_QUESTIONS == len(subjects) - 1

    statuses = [(await ask(post, address=f"a{number}@example.cn")).status_code for number in range(15)]
    assert statuses == [200] * 14 + [429]


async def test_what_is_no_address_is_refused(post):
    for address in ("", "a", "a@b", "a b@example.cn", "a@example.cn, b@example.cn", "a@example.cn\r\nBcc: c@d.cn"):
        assert (await ask(post, address=address)).status_code == 422


async def test_without_a_mail_server_there_are_feeds_only(month):
    page = await month.public.get("/subscriptions?subject=regions/990102", headers=HTML)

    assert FeedSubject("regions", "990102").path() in page.text
    assert 'name="address"' not in page.text
    assert (await ask(month)).status_code == 404
