"""No request, however hostile, makes intake answer with a fault of its own, or as its document does not say."""

from __future__ import annotations

import pytest

from tests.asgi import send_request
from tests.hostile import session_routes, violations
from tests.integration.intake.conftest import KEY
from tests.integration.probes import wait_until

ACCEPT = {"json": "application/json", "html": "text/html,*/*;q=0.8"}


async def is_ready(app):
    return (await send_request(app, "GET", "/readyz")).status == 200


@pytest.mark.parametrize("accept", ACCEPT)
async def test_no_request_of_a_source_is_answered_with_a_fault(post, intake, accept):
    headers = {"accept": ACCEPT[accept], "authorization": f"Bearer {KEY}"}
    await wait_until("intake is ready", lambda: is_ready(intake.app))

    found = await violations(intake.app, headers)

    assert found == []


async def test_no_envelope_of_a_source_is_answered_with_a_fault(post, intake):
    envelope = {
        "ce-specversion": "1.0",
        "ce-type": "gongshi.complaint.reported.v1",
        "ce-id": "1",
        "ce-source": "/hotlines/12345/330100",
    }
    headers = {"accept": "application/json", "authorization": f"Bearer {KEY}", **envelope}

    assert await violations(intake.app, headers, under="/intake/events") == []


@pytest.mark.parametrize("accept", ACCEPT)
async def test_no_request_of_a_clerk_is_answered_with_a_fault(desk, intake, accept):
    headers = {"accept": ACCEPT[accept], "cookie": f"gongshi_session={desk.cookies['gongshi_session']}"}

    assert await violations(intake.app, headers, under="/intake/desk", skipped=session_routes("/intake/desk")) == []
