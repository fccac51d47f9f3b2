"""An officer's session is over while a decision is written: after the sign-in it stands in the form, and is not decided."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import pytest
from lxml import html

from shared.keys import key_hash
from tests.integration.corrections.conftest import BROWSER, PASSWORD, decision

pytestmark = pytest.mark.asyncio(loop_scope="session")

OVER = """
UPDATE accounts.sessions SET opened_at = now() - interval '2 h', expires_at = now() - interval '1 h' WHERE token_hash = $1
"""
ADDRESS = "http://corrections.test"


async def test_a_decision_written_in_a_session_that_is_over_is_in_the_form_again(harness):
    page = f"/corrections/desk/{await harness.application_id(await harness.file_application())}"
    transport = httpx2.ASGITransport(app=harness.app)
    await harness.connection.execute("TRUNCATE accounts.attempts")  # what other tests have guessed
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS, headers=BROWSER) as officer:
        await officer.post("/corrections/desk/sign-in", data={"name": "shen", "password": PASSWORD})
        await officer.post(f"{page}/start")
        assert await harness.connection.execute(OVER, key_hash(officer.cookies["gongshi_session"])) == "UPDATE 1"

        # As from the page that shows what is wrong with the form, which answers no GET.
        refused = await officer.post(f"{page}/decision", data=decision(), headers={"referer": f"{ADDRESS}{page}/decision"})
        fields = dict(re.findall(r'type="hidden" name="(next|kept)" value="([^"]*)"', refused.text))
        shown = await officer.post(
            "/corrections/desk/sign-in",
            data={name: unescape(value) for name, value in fields.items()} | {"name": "shen", "password": PASSWORD},
        )

        assert (refused.status_code, fields["next"]) == (401, page)
        forms = {form.action: form for form in html.document_fromstring(shown.text).forms}
        values = dict(forms[f"{page}/decision"].form_values())
        assert {name: values[name] for name in decision()} == decision()
        assert "提交决定" in (await officer.get(page)).text
