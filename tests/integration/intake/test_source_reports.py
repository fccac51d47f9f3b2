"""What a source is told of its reports: each as it stands, those that were refused, and nothing of anybody else's."""

from __future__ import annotations

import httpx2

from services.intake.store import source_keys
from shared.keys import key_hash
from tests.integration.intake.conftest import BATCH, HOTLINE, KEY, envelope, report

OTHER, OTHER_KEY = "/hotlines/12315/330100", "another key"


async def test_a_source_sees_its_reports_and_refusals_page_by_page_and_nobody_elses(post, intake):
    async with intake.app.state.database.unit_of_work() as uow:
        await source_keys.add_key(uow.connection, OTHER, key_hash(OTHER_KEY), uow.now)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=intake.app), base_url="http://intake") as client:

        async def ask(path, key=KEY, **query):
            return await client.get(f"/intake/{path}", params=query, headers={"authorization": f"Bearer {key}"})

        events = [envelope(report(n), id=f"e{n}") for n in (1, 2, 3)]
        events += [envelope(report(9), source=f"{HOTLINE}/desk", id="below")]
        events += [envelope(report(n, received_at="2999-01-01T00:00:00Z"), id=f"bad{n}") for n in (4, 5)]
        await post(events, BATCH)
        await post([envelope(report(1), source=OTHER)], BATCH, key=OTHER_KEY)

        first, second = await ask("reports", limit=2), await ask("reports", after="HZ-2", limit=2)
        assert [each["external_id"] for each in first.json()["reports"]] == ["HZ-1", "HZ-2"]
        assert (first.json()["next_after"], second.json()["next_after"]) == ("HZ-2", None)
        assert [each["external_id"] for each in second.json()["reports"]] == ["HZ-3"]
        assert first.json()["reports"][0] | {"revised_at": ""} == {
            "external_id": "HZ-1", "revision": 1, "revised_at": "", "status": report(1)["status"], "outcome": None,
            "accepted_on": None, "closed_on": None, "due_on": None, "is_duplicate": False, "duplicate_of": None, "texts_withheld": False,
            "unmapped": first.json()["reports"][0]["unmapped"],
        }  # fmt: skip
        one = await ask("reports", external_id="HZ-3")
        assert [each["external_id"] for each in one.json()["reports"]] == ["HZ-3"]
        below = await ask("reports", source=f"{HOTLINE}/desk")
        assert [each["external_id"] for each in below.json()["reports"]] == ["HZ-9"]

        refused = (await ask("refusals", limit=1)).json()
        rest = (await ask("refusals", after=refused["next_after"])).json()
        assert [each["external_id"] for each in refused["refusals"] + rest["refusals"]] == ["HZ-4", "HZ-5"]
        assert [each["code"] for each in refused["refusals"][0]["reasons"]] == ["in_future"]
        await post(envelope(report(4)))
        since = {each["external_id"]: each["accepted_since"] for each in (await ask("refusals")).json()["refusals"]}
        assert since["HZ-4"] is not None
        assert since["HZ-5"] is None

        assert (await ask("reports", key=OTHER_KEY)).json()["reports"][0]["external_id"] == "HZ-1"
        assert (await ask("refusals", key=OTHER_KEY)).json() == {"refusals": [], "next_after": None}
        assert (await ask("reports", source=OTHER)).status_code == 403
        assert (await ask("reports", key="wrong")).status_code == 401
        assert (await ask("reports", limit=0)).status_code == 422


LINK = """
UPDATE intake.complaints AS c
   SET duplicate_of = o.complaint_id,
       payload = convert_to((convert_from(c.payload, 'UTF8')::jsonb || jsonb_build_object('duplicate_of', o.complaint_id))::text, 'UTF8')
  FROM intake.complaints AS o
 WHERE c.external_id = $1 AND o.external_id = $2
"""


async def test_a_source_learns_that_its_report_is_a_duplicate_and_the_number_only_where_it_is_its_own(post, intake):
    async with intake.app.state.database.unit_of_work() as uow:
        await source_keys.add_key(uow.connection, OTHER, key_hash(OTHER_KEY), uow.now)
    await post([envelope(report(n), id=f"d{n}") for n in (1, 2, 3)], BATCH)
    await post([envelope(report(7), source=OTHER)], BATCH, key=OTHER_KEY)
    other = (await intake.complaints())["HZ-7"]["complaint_id"]
    for number, counted in (("HZ-2", "HZ-1"), ("HZ-3", "HZ-7")):
        await intake.database.execute(LINK, number, counted)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=intake.app), base_url="http://intake") as client:
        answer = await client.get("/intake/reports", headers={"authorization": f"Bearer {KEY}"})

    found = {each["external_id"]: (each["is_duplicate"], each["duplicate_of"]) for each in answer.json()["reports"]}
    assert found == {"HZ-1": (False, None), "HZ-2": (True, "HZ-1"), "HZ-3": (True, None)}
    assert other not in answer.text
