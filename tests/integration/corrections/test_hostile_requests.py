"""No request, however hostile, makes corrections or the frame of a service answer with a fault of its own."""

from __future__ import annotations

from shared.contracts import ItemCorrected
from shared.text import has_forbidden
from tests.hostile import session_routes, violations
from tests.hostile_texts import ACTIVE, FORBIDDEN, LONG, MARK, SHORT, walk_texts
from tests.integration.corrections.conftest import PDF, complaint, decision, form
from tests.route_roles import guarded_desk_paths


async def test_no_request_of_a_stranger_is_answered_with_a_fault(harness):
    tracking = await harness.file_application()
    known = {"token": tracking.rsplit("/", 1)[1], "number": "1"}

    assert await violations(harness.app, {}, known=known, skipped=guarded_desk_paths(harness.app)) == []


async def test_no_request_of_an_officer_is_answered_with_a_fault(harness):
    application_id = await harness.application_id(await harness.file_application())
    headers = {"cookie": f"gongshi_session={harness.officer.cookies['gongshi_session']}"}
    known = {"application_id": application_id, "number": "1"}

    assert (
        await violations(
            harness.app, headers, known=known, under="/corrections/desk", skipped=session_routes("/corrections/desk")
        )
        == []
    )


HOSTILE = (ACTIVE, *(text.encode(errors="replace").decode() for text in FORBIDDEN), LONG, str(2**63), "9" * 5_000)


async def test_no_text_in_any_field_of_a_form_is_answered_with_a_fault(new_item):
    fields = [name for name in form("x") if name not in {"item", "submission"}]
    statuses = set()
    for field in fields:
        harness = await new_item()
        for value in HOSTILE:
            response = await harness.submit_form(**{field: value})
            statuses.add(response.status_code)
            assert response.status_code in {201, 409, 422}, (field, value[:80])
    decided = await new_item()
    address = "/corrections/desk/" + await decided.application_id(await decided.file_application())
    for field in (*decision(), f"exclude.{decided.complaint_id}", f"amount.{decided.complaint_id}", f"field.{ACTIVE}"):
        for value in HOSTILE:
            response = await decided.officer.post(f"{address}/decision", data=decision(preview="yes") | {field: value})
            statuses.add(response.status_code)
            assert response.status_code in {200, 409, 422}, (field, value[:80])

    assert {200, 201, 409, 422} <= statuses
    stored = await decided.connection.fetch("SELECT statement, operator_name FROM corrections.applications")
    assert [text for row in stored for text in row if has_forbidden(text or "")] == []


async def test_hostile_texts_of_item_complaint_application_and_decision_act_on_no_page(harness):
    shown = harness.item(version=3, title=ACTIVE, summary=ACTIVE, reason=ACTIVE, content={"amount": "8640.00", "issue": ACTIVE})
    operator = shown.operator.model_copy(update={"name": SHORT, "address": ACTIVE})
    facts = complaint(harness.complaint_id, revision=2, external_id=ACTIVE, source=ACTIVE, category=ACTIVE, region=ACTIVE)
    facts = facts.model_copy(update={"operator": facts.operator.model_copy(update={"name": ACTIVE})})
    await harness.publish_and_wait(ItemCorrected(item=shown.model_copy(update={"operator": operator})), facts)
    own = {"statement": ACTIVE, "operator_name": SHORT, "contact_name": SHORT, "field": "issue", "value": SHORT}
    filed = await harness.submit_form([(f"{SHORT}.pdf", PDF)], **own)
    assert filed.status_code == 201, filed.text
    tracking = filed.json()["tracking"]
    application_id = await harness.application_id(tracking)
    officer = {"cookie": f"gongshi_session={harness.officer.cookies['gongshi_session']}"}
    places = {"token": tracking.rsplit("/", 1)[1], "application_id": application_id, "number": "1"}
    queries = (f"q={MARK}", f"item={harness.item_id}")

    walk = await walk_texts(harness.app, {"": {}, "officer": officer}, places, queries)
    texts = {"public_reason": ACTIVE, "reply": ACTIVE, "field.issue": ACTIVE, "field.amount": "8460.00", "item_version": "3"}
    decided = await harness.officer.post(f"/corrections/desk/{application_id}/decision", data=decision() | texts)
    after = await walk_texts(harness.app, {"": {}, "officer": officer}, places, queries)

    assert decided.status_code == 200, decided.text
    assert [*walk.faults, *after.faults] == []
    assert {"text/html", "application/json"} <= walk.shown_in.keys()
    assert after.shown_in["text/html"] > 0
