"""No request, however hostile, makes intake answer with a fault of its own, or as its document does not say."""

from __future__ import annotations

import json

from shared.text import has_forbidden
from tests.asgi import send_request
from tests.hostile import session_routes, violations
from tests.hostile_texts import ACTIVE, FORBIDDEN, LONG, MARK, altered, walk_texts
from tests.integration.intake.conftest import BATCH, KEY, binary_headers, envelope, report, results_of
from tests.integration.probes import wait_until
from tests.route_roles import guarded_desk_paths


async def is_ready(app):
    return (await send_request(app, "GET", "/readyz")).status == 200


async def test_no_request_of_a_source_is_answered_with_a_fault(post, intake):
    headers = {"authorization": f"Bearer {KEY}"}
    await wait_until("intake is ready", lambda: is_ready(intake.app))

    found = await violations(intake.app, headers, skipped=guarded_desk_paths(intake.app))

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


async def test_no_request_of_a_clerk_is_answered_with_a_fault(desk, intake):
    headers = {"cookie": f"gongshi_session={desk.cookies['gongshi_session']}"}

    assert await violations(intake.app, headers, under="/intake/desk", skipped=session_routes("/intake/desk")) == []


# Every field of a report, each with a text or number that is as it should be.
WHOLE = report(
    industry="F5273", goods="手机", ledger="received", outcome=None, accepted_at=None, due_at=None, closed_at=None,
    recovered=None, satisfaction=None, case_number="A-1", office="990102",
    operator={"name": "云州某某商贸有限公司", "uscc": None, "address": "云湖路1号", "scope": "零售", "platform": "云购", "site": "云湖"},
    complainant={"name": "欧阳梓萱", "phone": "13987654321", "id_number": None, "address": "云湖路2号"},
)  # fmt: skip


async def test_hostile_texts_in_every_field_of_a_report_act_nowhere_and_cost_only_themselves(post, desk, intake):
    hostile = [data | {"external_id": _number(data, index)} for index, data in enumerate(altered(WHOLE))]
    events = [envelope(data, id=f"e{index}") for index, data in enumerate(hostile)]
    attributes = [{name: value} for name in ("id", "subject", "time", "source") for value in (ACTIVE, *FORBIDDEN, LONG, 2**63)]
    events += [envelope(report(1, external_id=f"context-{index}")) | changed for index, changed in enumerate(attributes)]
    found = []
    for first in range(0, len(events), 20):
        batch = [*events[first : first + 20], envelope(report(first, external_id=f"honest-{first}"))]
        response = await post(json.dumps(batch).encode(), BATCH)
        assert response.status_code == 202, response.text
        found.append(results_of(response))
    for data in hostile:
        await intake.send(json.dumps(data).encode(), binary_headers())
    await intake.report(9_999)
    await intake.wait_applied()

    assert {results[-1][1] for results in found} == {"accepted"}
    refused = [reasons for results in found for _, status, reasons in results if status == "refused"]
    assert len(refused) > len(FORBIDDEN) * len(WHOLE) / 2
    assert all(refused)
    complaints = await intake.complaints()
    assert "HZ-9999" in complaints
    assert [name for name, complaint in complaints.items() if any(map(has_forbidden, texts_of(complaint)))] == []
    clerk = {"cookie": f"gongshi_session={desk.cookies['gongshi_session']}"}
    walk = await walk_texts(intake.app, {"clerk": clerk}, {}, (f"q={MARK}", "view=decided"))
    assert walk.faults == []
    assert walk.shown_in["text/html"] > 0


def _number(data, index):
    """A number of its own for each report, but where the number is what is hostile."""
    given = data["external_id"]
    return f"{index}-{given}" if isinstance(given, str) else given


def texts_of(value):
    """Yield every text of a document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value
