"""A clerk's session is over while a complaint is typed: after the sign-in it is there, for that clerk alone, and not sent."""

from __future__ import annotations

import re
from html import unescape

import pytest
from lxml import html
from starlette.routing import Route

from shared.web.bodies import MIB
from shared.web.kept_forms import MAX_TEXT
from tests.integration.intake.conftest import sign_in
from tests.integration.intake.test_desk import FORM, form_number

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "a long password"
DESK = "/intake/desk"
OVER = "UPDATE accounts.sessions SET opened_at = now() - interval '2 h', expires_at = now() - interval '1 h'"


async def send_too_late(desk, intake, **changed):
    """Send the form after the end of the session; return the sign-in that answers it."""
    await sign_in(desk, "chen")
    number = form_number(await desk.get(DESK))
    await intake.database.execute(OVER)
    return await desk.post(DESK, data=FORM | {"number": number} | changed, headers={"referer": f"http://intake{DESK}"})


def sign_in_fields(page):
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(next|kept)" value="([^"]*)"', page.text)}


async def sign_in_again(desk, fields, name="chen", password=PASSWORD):
    return await desk.post(f"{DESK}/sign-in", data=fields | {"name": name, "password": password})


async def test_what_was_typed_is_in_the_form_again_and_not_sent(empty_desk, empty_intake):
    refused = await send_too_late(empty_desk, empty_intake, amount="1200元")

    assert refused.status_code == 401
    assert "登录后回到表单" in refused.text
    fields = sign_in_fields(refused)
    assert fields["next"] == DESK
    assert "13987654321" not in refused.text

    wrong = await sign_in_again(empty_desk, fields, password="not the password")
    assert wrong.status_code == 401
    again = await sign_in_again(empty_desk, sign_in_fields(wrong))

    assert again.status_code == 200
    assert "内容尚未提交" in again.text
    (form,) = [each for each in html.document_fromstring(again.text).forms if each.action == DESK]
    shown = dict(form.form_values())
    assert {name: shown[name].replace("\r\n", "\n") for name in FORM} == FORM | {
        "amount": "1200元", "text": FORM["text"].replace("\r\n", "\n"),
    }  # fmt: skip
    assert await empty_intake.complaints() == {}


async def test_another_person_finds_nothing_of_it(empty_desk, empty_intake):
    fields = sign_in_fields(await send_too_late(empty_desk, empty_intake))

    for changed, name in (({}, "wang"), ({"next": f"{DESK}/complaints"}, "chen"), ({"kept": "v1." + "A" * 99}, "chen")):
        answer = await sign_in_again(empty_desk, fields | changed, name)

        assert answer.status_code == 303
        assert "13987654321" not in (await empty_desk.get(answer.headers["location"])).text


async def test_after_a_sign_out_in_another_tab_the_browser_says_whose_form_it_is(empty_desk, empty_intake):
    await sign_in(empty_desk, "chen")
    await empty_desk.post(f"{DESK}/sign-out")

    refused = await empty_desk.post(DESK, data=FORM)

    assert "13987654321" in (await sign_in_again(empty_desk, sign_in_fields(refused))).text


async def test_what_is_too_long_and_what_is_nobodys_is_not_kept_and_the_page_says_so(empty_desk, empty_intake):
    too_long = await send_too_late(empty_desk, empty_intake, text="信" * (MAX_TEXT // 3))
    empty_desk.cookies.clear()
    nobodys = await empty_desk.post(DESK, data=FORM)

    for refused in (too_long, nobodys):
        assert refused.status_code == 401
        assert "没有保留" in refused.text
        assert "kept" not in sign_in_fields(refused)


async def test_a_session_that_was_renewed_in_another_tab_takes_the_form_as_it_is(empty_desk, empty_intake):
    await sign_in(empty_desk, "chen")
    form = FORM | {"number": form_number(await empty_desk.get(DESK)), "amount": "一千"}
    await empty_intake.database.execute(OVER)
    await sign_in(empty_desk, "chen")

    assert (await empty_desk.post(DESK, data=form)).status_code == 422


async def test_programs_are_told_as_before(empty_desk, empty_intake):
    empty_desk.cookies.clear()

    refused = await empty_desk.post(DESK, data=FORM, headers={"accept": "application/json"})

    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_needed")


async def test_a_page_that_fails_admits_its_person_and_gives_the_texts_back(empty_desk, empty_intake, monkeypatch):
    async def fail(_):
        raise RuntimeError

    fields = sign_in_fields(await send_too_late(empty_desk, empty_intake))
    router = empty_intake.app.router
    with monkeypatch.context() as patched:
        patched.setattr(router, "routes", [Route(DESK, fail), *router.routes])
        answer = await sign_in_again(empty_desk, fields)

    assert answer.status_code == 200
    assert "13987654321" in answer.text
    assert (await empty_desk.get(DESK)).status_code == 200


async def test_what_is_longer_than_any_form_is_not_read_before_the_sign_in(empty_desk, empty_intake):
    read = []

    async def body():
        read.append(1)
        yield b""

    await sign_in(empty_desk, "chen")
    await empty_intake.database.execute(OVER)
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(50 * MIB)}
    refused = await empty_desk.post(f"{DESK}/files", content=body(), headers=headers)

    assert refused.status_code == 401
    assert "没有保留" in refused.text
    assert read == []
