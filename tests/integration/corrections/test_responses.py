"""Operators respond beside an item, with an application for a correction or by itself; the office admits it or does not."""

from __future__ import annotations

import json

from tests.integration.corrections.conftest import BROWSER, decision

RESPONSE = "押金按合同约定不退，已向消费者说明。"
REPLY = {"decision": "upheld", "reason_code": "K06", "reply": "你单位的回应已收到，经核对后登载。"}


async def file_response(harness, **changes):
    tracking = await harness.file_application(
        **{"matter": "response", "field": "", "value": "", "statement": "", "response": RESPONSE} | changes
    )
    return tracking, f"/corrections/desk/{await harness.application_id(tracking)}"


async def decide(harness, address, **changes):
    fields = {key: value for key, value in decision(**REPLY | changes).items() if not key.startswith("field.")}
    return await harness.officer.post(f"{address}/decision", data=fields)


async def test_a_response_without_a_dispute_is_admitted_by_an_officer_who_checked_the_papers(harness):
    tracking, address = await file_response(harness)
    page = await harness.officer.get(address, headers=BROWSER)
    assert RESPONSE in page.text
    assert "回应申请" in page.text
    assert (await decide(harness, address, admit_response="yes")).status_code == 422

    await harness.officer.post(f"{address}/start", data={"identity_checked": "yes"})
    decided = await decide(harness, address, admit_response="yes")

    assert decided.status_code == 200, decided.text
    made = json.loads((await harness.fetch_rulings(3))[-1][1])
    assert (made["kind"], made["decision"], made["response"]) == ("response", "upheld", RESPONSE)
    assert "已同意登载" in (await harness.operator.get(tracking, headers=BROWSER)).text


async def test_what_is_not_admitted_leaves_the_office_nowhere(harness):
    _, address = await file_response(harness)
    await harness.officer.post(f"{address}/start", data={"identity_checked": "yes"})

    await decide(harness, address)

    filed, accepted, made = await harness.fetch_rulings(3)
    assert json.loads(made[1])["response"] is None
    assert all(RESPONSE not in value.decode() for _, value in (filed, accepted, made))


async def test_a_response_comes_with_a_correction_too(harness):
    _, address = await file_response(harness, matter="A01", field="amount", value="8460.00", statement="押金已退1份。")
    await harness.officer.post(f"{address}/start", data={"identity_checked": "yes"})

    await harness.officer.post(f"{address}/decision", data=decision(admit_response="yes"))

    made = json.loads((await harness.fetch_rulings(3))[-1][1])
    assert (made["decision"], made["response"], made["corrections"][0]["field"]) == ("corrected", RESPONSE, "amount")


async def test_a_response_without_words_or_with_a_person_in_it_is_refused(harness):
    fields = {"matter": "response", "field": "", "value": "", "statement": ""}
    for response in ("", "请联系13987654321", "唐女士当时同意", "长" * 501):
        refused = await harness.submit_form(**fields | {"response": response})

        assert refused.status_code == 422
        assert [reason["field"] for reason in refused.json()["reasons"]] == ["response"]
