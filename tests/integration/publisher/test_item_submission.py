"""What programs and tables submit are drafts of an office: once each, whatever comes again, and nothing that people took in hand."""

from __future__ import annotations

import re

import pytest

from services.publisher import desk_drafts, item_submission, releasing
from services.publisher.kinds import KINDS
from services.publisher.store import item_keys
from services.publisher.store.item_keys import ItemKey
from shared.clock import now
from shared.keys import generate_key, key_hash
from tests.unit.publisher.test_kinds import typed

pytestmark = pytest.mark.asyncio(loop_scope="session")

MODEL, PENALTY = KINDS["model_operator"], KINDS["penalty"]
PROGRAM = "program:models"


def row(shop=0, **changes):
    day = f"2026-03-{10 + shop:02d}"
    return {**typed(MODEL), "granted_on": day, "valid_until": "2028-03-14", **changes}


async def submit(desk, *rows, drafter=PROGRAM, dry_run=False):
    act = item_submission.try_items if dry_run else item_submission.store_items
    return await act(desk.database, desk.bureau, drafter, MODEL, rows)


def outcomes(results):
    return [(each.outcome.value, *(fault.code for fault in each.faults)) for each in results]


async def test_rows_become_drafts_once_and_a_faulty_one_costs_no_other(desk):
    first = await submit(desk, row(0), row(1), row(0), row(1, granted_by="另一单位"), row(2, granted_on="昨天"), dry_run=True)
    assert await desk.open_versions("other") == []
    results = await submit(desk, row(0), row(1), row(0), row(1, granted_by="另一单位"), row(2, granted_on="昨天"))

    expected = [("created",), ("created",), ("created",), ("refused", "doubled"), ("refused", "no_day")]
    assert outcomes(first)[:2] == outcomes(results)[:2] == expected[:2]
    assert outcomes(results)[2:] == [("unchanged",), *expected[3:]]
    drafts = await desk.open_versions("other")
    assert [(draft["state"], draft["drafted_by"]) for draft in drafts] == [("draft", PROGRAM)] * 2
    assert outcomes(await submit(desk, row(0), row(1))) == [("unchanged",)] * 2
    assert await desk.releases() == []


async def test_a_program_changes_its_own_draft_and_nothing_that_people_took_in_hand(desk):
    await submit(desk, *(row(shop) for shop in range(4)))
    changed = [row(shop, granted_by="云州市消费者权益保护委员会") for shop in range(4)]
    mine, edited, approved, discarded = await desk.seen("other")
    form = desk_drafts.to_form(MODEL, MODEL.read(row(1, granted_by="云州市市场监督管理局湖东分局")), None)
    async with desk.database.unit_of_work() as uow:
        await desk_drafts.edit(uow, desk.bureau, "kong", edited, MODEL, form)
        await desk_drafts.discard(uow, desk.bureau, "kong", discarded)
    await desk.review([approved])

    results = outcomes(await submit(desk, *changed))

    assert results == [("updated",), ("refused", "edited_by_person"), ("refused", "under_decision"), ("refused", "given_up")]
    contents = {each["item_id"]: each["form"] for each in await desk.open_versions("other")}
    assert "消费者权益保护委员会" in contents[mine.item_id]
    assert "湖东分局" in contents[edited.item_id]
    assert "消费者权益保护委员会" not in contents[approved.item_id]


async def test_what_is_public_or_withdrawn_stays_so_whatever_a_program_sends(desk):
    await submit(desk, row(0))
    (item,) = await desk.review_and_release("other")
    assert outcomes(await submit(desk, row(0), row(0, granted_by="另一单位"))) == [("unchanged",), ("refused", "doubled")]
    assert outcomes(await submit(desk, row(0, granted_by="另一单位"))) == [("refused", "already_public")]

    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item.item_id, 1, "W01", "不应公示")
    assert outcomes(await submit(desk, row(0))) == [("refused", "under_decision")]
    await desk.release(await desk.seen("other"))

    assert outcomes(await submit(desk, row(0))) == [("refused", "withdrawn")]
    assert [each["kind"] for each in await desk.releases()] == ["released", "withdrawn"]


async def test_many_rows_cost_as_many_statements_as_one(desk):
    async with desk.database.unit_of_work() as uow:

        async def count(*rows):
            statements = []
            uow.connection.add_query_logger(statements.append)
            await item_submission.submit(uow, desk.bureau, PROGRAM, MODEL, rows)
            uow.connection.remove_query_logger(statements.append)
            return len(statements)

        # The first one makes the driver ask for types.
        await count(row(0))
        one = await count(row(1))
        assert await count(*(row(shop) for shop in range(2, 20))) == one > 0


async def add_key(publisher, office="office_concerned"):
    key = generate_key()
    async with publisher.database.unit_of_work() as uow:
        await item_keys.insert_key(uow.connection, key_hash(key), ItemKey(f"p-{office.replace('_', '-')}", office, now(), None))
    return {"authorization": f"Bearer {key}"}


async def test_a_program_posts_items_of_its_office_with_a_key(publisher):
    headers, foreign = await add_key(publisher), await add_key(publisher, "case_office")
    address, body = "/desk/api/items/model_operator", {"items": [row(0), row(1) | {"granted_on": "x", "colour": 1}]}

    answers = {
        "none": await publisher.public.post(address, json={"none": "of ours"}),
        "foreign": await publisher.public.post(address, json=body, headers=foreign),
        "unknown": await publisher.public.post("/desk/api/items/record", json=body, headers=headers),
        "bad": await publisher.public.post(address, json={"items": [{"a": [1]}]}, headers=headers),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "none": 401,
        "foreign": 403,
        "unknown": 404,
        "bad": 422,
    }
    # A body is as large as 500 items may be, and tells no more of its faults than help.
    many = await publisher.public.post(address, json={"items": [{"a": "x" * 200, "b": "y"}] * 500}, headers=headers)
    wrong = await publisher.public.post(address, json={"items": [{"a": [1]}] * 500}, headers=headers)
    assert many.json()["counts"]["refused"] == 500
    assert len(wrong.json()["reasons"]) == 100
    tried = (await publisher.public.post(f"{address}?dry_run=true", json=body, headers=headers)).json()
    assert (tried["dry_run"], tried["counts"]["created"], tried["results"][0]["item_id"]) == (True, 1, None)
    answer = (await publisher.public.post(address, json=body, headers=headers)).json()
    again = (await publisher.public.post(address, json=body, headers=headers)).json()

    assert answer["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert {fault["code"] for fault in answer["results"][1]["faults"]} == {"no_day", "unknown_field"}
    assert all(fault["zh"] and fault["en"].isascii() for fault in answer["results"][1]["faults"])
    assert (again["results"][0]["outcome"], again["results"][0]["item_id"]) == ("unchanged", answer["results"][0]["item_id"])


async def test_a_table_is_looked_through_before_it_is_stored(publisher):
    async with publisher.person("kong") as drafter:
        empty = (await drafter.get("/desk/drafts/import/model_operator/template.csv")).content.decode("utf-8-sig").strip()
        values = {str(each.label): row(0).get(each.name, "") for each in MODEL.typed_fields()}
        good = ",".join(values.get(heading, "") for heading in empty.split(","))
        bad = ",".join({**values, "认定日期": "=1"}.get(heading, "") for heading in empty.split(","))
        file = {"table": ("models.csv", f"{empty}\n{good}\n{bad}\n".encode("gb18030"), "text/csv")}

        tried = await drafter.post("/desk/drafts/import/model_operator", files=file)
        assert tried.status_code == 200
        assert (tried.text.count("新草稿"), "not_calculated" in tried.text or "no_day" in tried.text) == (2, True)
        assert "q-title" not in (await drafter.get("/desk/drafts")).text
        kept = re.search(r'name="rows" value="([^"]*)"', tried.text).group(1).replace("&#34;", '"')
        stored = await drafter.post("/desk/drafts/import/model_operator/store", data={"rows": kept, "name": "models.csv"})
        assert "导入结果" in stored.text
        assert (await drafter.get("/desk/drafts")).text.count('class="q-title"') == 1

        for name, data, code in (
            ("x.csv", b"%PDF-1.7", "pdf"),
            ("y.csv", b"", "empty_file"),
            ("z.xlsx", b"PK\x03\x04", "damaged_archive"),
        ):
            refused = await drafter.post("/desk/drafts/import/model_operator", files={"table": (name, data, "text/csv")})
            assert (refused.status_code, code in refused.text) == (422, True), code
        assert (await drafter.post("/desk/drafts/import/model_operator/store", data={"rows": "[1]"})).status_code == 422
        assert (await drafter.get("/desk/drafts/import/penalty")).status_code == 404
