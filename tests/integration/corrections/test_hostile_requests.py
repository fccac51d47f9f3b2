"""No request, however hostile, makes corrections or the frame of a service answer with a fault of its own."""

from __future__ import annotations

import pytest

from tests.hostile import session_routes, violations

ACCEPT = {"json": "application/json", "html": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize("accept", ACCEPT)
async def test_no_request_of_a_stranger_is_answered_with_a_fault(harness, accept):
    tracking = await harness.file_application()
    known = {"token": tracking.rsplit("/", 1)[1], "number": "1"}

    assert await violations(harness.app, {"accept": ACCEPT[accept]}, known=known) == []


@pytest.mark.parametrize("accept", ACCEPT)
async def test_no_request_of_an_officer_is_answered_with_a_fault(harness, accept):
    application_id = await harness.application_id(await harness.file_application())
    headers = {"accept": ACCEPT[accept], "cookie": f"gongshi_session={harness.officer.cookies['gongshi_session']}"}
    known = {"application_id": application_id, "number": "1"}

    assert (
        await violations(
            harness.app, headers, known=known, under="/corrections/desk", skipped=session_routes("/corrections/desk")
        )
        == []
    )
