"""Records of handled complaints: drafted by the program, approved by sample, released together, taken back with the complaint."""

from __future__ import annotations

import re

import asyncpg
import orjson
import pytest

from services.publisher import batches, complaint_items, declining, releasing, scheduling
from services.publisher.batch_runs import BatchRunner, Order
from services.publisher.batches import SampleUndecided
from services.publisher.domain.drafting import State
from services.publisher.releasing import ContentChanged, SeenVersion
from services.publisher.store import batch_runs
from services.publisher.store import batches as stored
from services.publisher.store import desk as lists
from services.publisher.web.batches import STEPS
from services.publisher.web.decisions import name_refusal
from shared import accounts
from shared.accounts import Person, Role
from shared.contracts import Outcome, Status
from tests.integration.probes import wait_until
from tests.integration.publisher.events import complaint, operator, ruling, uscc

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Not a major one.
SMALL = {
    "amount": "120.00",
    "goods_class": "服务->餐饮和住宿服务",
    "sale_mode": "online",
    "demand": "退款",
    "office": "990102000",
}


def handled(number=1, revision=1, **changes):
    return complaint(number, revision, **{**SMALL, **changes})


async def draft(desk):
    async with desk.database.unit_of_work() as uow:
        return await complaint_items.draft_waiting(uow, desk.bureau)


async def hear(desk, *complaints):
    """Apply revisions, and draft from them."""
    await desk.apply(*complaints)
    while await draft(desk):
        pass


async def act(desk, action, person, *arguments):
    async with desk.database.unit_of_work() as uow:
        await desk.act_as(uow.connection, person)
        return await action(uow, desk.bureau, person, *arguments)


async def the_batch(desk, person="zhou", number=0):
    async with desk.database.snapshot() as connection:
        return (await stored.list_batches(connection, person, limit=10))[number]


async def digest(desk, batch, state):
    async with desk.database.snapshot() as connection:
        return (await stored.fetch_digest(connection, batch.batch_id, state))[1]


async def look_at_all(desk, batch, person="zhou"):
    async with desk.database.snapshot() as connection:
        sample = await stored.fetch_sample(connection, batch.batch_id, person)
    seen = [SeenVersion(each.version.item_id, each.version.digest_hex) for each in sample]
    await act(desk, batches.look, person, batch.batch_id, seen)
    return seen


async def approve(desk, batch, person="zhou"):
    return await act(desk, batches.approve, person, batch.batch_id, await digest(desk, batch, State.DRAFT))


async def release(desk, batch, person="wu"):
    return await act(desk, batches.release, person, batch.batch_id, await digest(desk, batch, State.APPROVED))


async def publish(desk, *complaints):
    """Take complaints through their batch into the public."""
    await hear(desk, *complaints)
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)
    await look_at_all(desk, batch)
    await approve(desk, batch)
    return await release(desk, batch)


async def test_a_handled_complaint_becomes_a_record_in_the_words_of_the_national_portal(desk):
    (item,) = await publish(desk, handled(outcome=Outcome.FAILED, consents_to_publish=True))

    assert (item.board, item.kind, item.state, item.operator.uscc) == ("basic", "record", "released", uscc(0))
    assert item.content == {
        "goods_class": "服务->餐饮和住宿服务", "sale_mode": "online", "platform": None, "problem": "预付式消费", "demand": "退款",
        "result": "未达成调解协议", "office": "990102000", "received_on": "2026-08-19", "accepted_on": "2026-08-21",
        "closed_on": "2026-09-08", "consumer_words": "门店搬迁后距离较远，要求退还余额。",
    }  # fmt: skip
    assert (item.expires_on.year, item.expires_on.month) == (item.released_at.year + 1, item.released_at.month)


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Outcome.MEDIATED, "达成调解协议"),
        (Outcome.SELF_SETTLED, "双方自行和解或者投诉人撤回投诉"),
        (Outcome.WITHDRAWN, "双方自行和解或者投诉人撤回投诉"),
        (Outcome.SETTLED_OR_WITHDRAWN, "双方自行和解或者投诉人撤回投诉"),
    ],
)
async def test_each_result_is_one_of_three_words(desk, outcome, result):
    await hear(desk, handled(outcome=outcome))

    (version,) = await desk.open_versions()
    assert orjson.loads(version["form"])["content"]["result"] == result


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.TRANSFERRED}, {"outcome": None}, {"status": Status.MEDIATING, "outcome": None},
        {"status": Status.REJECTED, "outcome": None}, {"kind": "tip_off"},
        {"operator": operator(0).model_copy(update={"key": "N-1", "uscc": None})},
    ],
)  # fmt: skip
async def test_what_is_no_handled_dispute_of_an_operator_with_a_code_has_no_record(desk, changes):
    await hear(desk, handled(**changes))

    assert await desk.open_versions() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"consents_to_publish": False},
        {"consents_to_publish": True, "redaction": "redacted", "text": "电话[电话]，要求退款。"},
        {"consents_to_publish": True, "text": "据唐女士说，要求退还余额。"},
    ],
)
async def test_the_words_of_a_complainant_need_consent_and_name_nobody(desk, changes):
    await hear(desk, handled(**changes))

    (version,) = await desk.open_versions()
    assert orjson.loads(version["form"])["content"]["consumer_words"] is None
    assert version["failing"] == 0


async def test_the_switch_and_the_results_are_in_the_rules(desk):
    def with_rules(**changes):
        def changed(rules):
            of_kind = rules.kinds.get("record")
            if of_kind is None:
                return rules
            items = of_kind.from_complaints.model_copy(update=changes)
            return rules.model_copy(
                update={"kinds": {**rules.kinds, "record": of_kind.model_copy(update={"from_complaints": items})}}
            )

        book = desk.bureau.rule_book
        return book.model_copy(update={"versions": tuple(changed(rules) for rules in book.versions)})

    desk.use_rules(with_rules(results=frozenset({"达成调解协议"})))
    await hear(desk, handled(1), handled(2, outcome=Outcome.FAILED))
    assert len(await desk.open_versions()) == 1

    desk.use_rules(with_rules(publish=False))
    await hear(desk, handled(3))
    assert len(await desk.open_versions()) == 1


async def test_what_a_check_warns_of_is_not_in_the_batch_but_in_the_queue(desk):
    await hear(desk, handled(1), handled(2, accepted_on="2026-08-01"))

    async with desk.database.snapshot() as connection:
        queue = await lists.fetch_open_versions(connection, lists.VersionFilter(State.DRAFT), limit=10)
        counts = await lists.count_by_state(connection)
    assert [(row.warning, row.form.content["accepted_on"]) for row in queue] == [(1, "2026-08-01")]
    assert (counts["draft"], counts["batched"]) == (1, 1)
    assert (await the_batch(desk)).drafts == 1


async def test_a_batch_is_approved_only_by_who_looked_at_its_whole_sample(desk):
    await hear(desk, *(handled(number) for number in range(1, 16)))
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)

    with pytest.raises(SampleUndecided):
        await approve(desk, batch)
    seen = await look_at_all(desk, batch)
    with pytest.raises(SampleUndecided):
        await approve(desk, batch, "he")

    assert len(seen) == 10
    assert await approve(desk, batch) == 15


async def test_who_approved_a_batch_cannot_release_it_and_a_changed_batch_is_not_the_one_that_was_seen(desk):
    await hear(desk, handled(1), handled(2))
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)
    await look_at_all(desk, batch)
    seen = await digest(desk, batch, State.DRAFT)
    await hear(desk, handled(2, 2, demand="退货"))

    with pytest.raises(ContentChanged):
        await act(desk, batches.approve, "zhou", batch.batch_id, seen)
    await approve(desk, batch)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await release(desk, batch, "zhou")
    assert await desk.releases() == []

    await release(desk, batch)
    with pytest.raises(ContentChanged):
        await release(desk, batch)
    assert len(await desk.releases()) == 1
    assert (await the_batch(desk, number=0)).drafts == 1


async def test_a_fault_in_the_sample_has_the_batch_looked_at_one_by_one(desk):
    await hear(desk, *(handled(number) for number in range(1, 4)))
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)
    seen = await look_at_all(desk, batch)
    await act(desk, releasing.send_back, "zhou", seen[0], "R01", "事实不清")

    with pytest.raises(SampleUndecided):
        await approve(desk, batch)
    assert await act(desk, batches.dissolve, "zhou", batch.batch_id) == 2
    assert (await the_batch(desk)).drafts == 0


async def test_a_proposal_not_to_publish_takes_a_record_out_of_its_batch(desk):
    await hear(desk, handled(1), handled(2))
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)
    seen = await look_at_all(desk, batch)
    await act(desk, declining.propose, "zhou", seen[0], "N09", "恶意投诉")

    assert (await the_batch(desk)).drafts == 1
    assert (await the_batch(desk)).faults == 1


@pytest.mark.parametrize(
    ("changes", "purpose", "code"),
    [
        ({"status": Status.MEDIATING, "outcome": None, "closed_on": None}, "withdraw", "N07"),
        ({"duplicate_of": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, "withdraw", "W04"),
        ({"outcome": Outcome.TRANSFERRED}, "withdraw", "W02"),
        ({"operator": operator(0).model_copy(update={"key": "N-1", "uscc": None})}, "withdraw", "W03"),
        ({"outcome": Outcome.FAILED}, "publish", "S02"),
        ({"consents_to_publish": False}, "publish", "S02"),
    ],
)
async def test_what_the_complaint_takes_back_is_taken_back_in_public_before_anything_else(desk, changes, purpose, code):
    await publish(desk, handled(consents_to_publish=True))

    await hear(desk, handled(1, 2, **{"consents_to_publish": True, **changes}))

    (version,) = await desk.open_versions()
    form = orjson.loads(version["form"])
    assert (version["purpose"], version["urgent"], version["batch_id"], form["reason_code"]) == (purpose, True, None, code)


async def test_withdrawn_words_are_quoted_nowhere(desk):
    (item,) = await publish(desk, handled(consents_to_publish=True))

    await hear(desk, handled(1, 2, consents_to_publish=False))
    (revised,) = await desk.review_and_release()

    assert revised.content["consumer_words"] is None
    assert {name: (old, new) for name, old, new in revised.changes} == {"consumer_words": (None, None)}
    assert item.content["consumer_words"] not in revised.model_dump_json()


async def test_a_complaint_that_is_closed_again_has_a_new_record_in_place_of_the_withdrawn_one(desk):
    (first,) = await publish(desk, handled())
    await hear(desk, handled(1, 2, status=Status.MEDIATING, outcome=None, closed_on=None))
    await desk.review_and_release()

    (second,) = await publish(desk, handled(1, 3, outcome=Outcome.FAILED))

    assert second.item_id != first.item_id
    assert second.content["result"] == "未达成调解协议"
    assert [row["kind"] for row in await desk.releases()] == ["released", "withdrawn", "released"]


async def test_a_record_that_another_operator_turns_out_to_be_of_moves_to_it(desk):
    (first,) = await publish(desk, handled())

    await hear(desk, handled(1, 2, operator=operator(1)))

    versions = await desk.open_versions()
    assert {row["purpose"] for row in versions} == {"withdraw", "publish"}
    assert [row["item_id"] for row in versions if row["purpose"] == "withdraw"] == [first.item_id]


async def test_an_older_or_repeated_revision_changes_nothing(desk):
    await publish(desk, handled(1, 3))

    await hear(desk, handled(1, 2, outcome=Outcome.FAILED), handled(1, 3))

    assert await desk.open_versions() == []


async def test_a_record_is_corrected_and_withdrawn_by_a_ruling(desk):
    first, second = await publish(desk, handled(1), handled(2))
    await desk.apply(ruling(first.item_id, "corrected", 1, [("result", "未达成调解协议")]))
    await desk.apply(ruling(second.item_id, "withdrawn", 2))

    (corrected,) = await desk.review_and_release()

    assert corrected.content["result"] == "未达成调解协议"
    assert [row["kind"] for row in await desk.releases()] == ["released", "released", "withdrawn", "corrected"]


async def carry_out(desk, batch, person, step):
    """Decide on a batch part by part, as a run of the desk does; return the run as its page shows it."""
    state, (name, part_of, _toast) = next((state, step_of) for state, step_of in STEPS.items() if step_of[0] == step)
    seen = await digest(desk, batch, state)
    async with desk.database.unit_of_work() as uow:
        count = await batches.count_waiting(uow, desk.bureau, person, batch.batch_id, state)
        run_id = await batch_runs.insert(uow.connection, batch.batch_id, name, person, count, uow.now)
    token = await accounts.open_session(desk.owner, Person(person, person, Role.REVIEWER))
    runner = BatchRunner(desk.database, desk.bureau, name_refusal)
    await runner.carry_out(Order(run_id, batch.batch_id, person, token, state, seen, part_of))
    async with desk.database.snapshot() as connection:
        return await batch_runs.fetch_latest(connection, batch.batch_id)


JOURNALLED = """
SELECT action, (detail ->> 'count')::integer AS count
  FROM publisher.journal
 WHERE action IN ('batch_approved', 'batch_released')
 ORDER BY seq
"""


async def test_a_large_batch_is_decided_part_by_part_and_each_record_is_on_the_topic_once(desk, monkeypatch):
    monkeypatch.setattr("services.publisher.batch_runs.PART", 2)
    await hear(desk, *(handled(number) for number in range(1, 6)))
    batch = await the_batch(desk)
    await act(desk, batches.close, "zhou", batch.batch_id)
    await look_at_all(desk, batch)

    approved = await carry_out(desk, batch, "zhou", "review")
    # The third is held while the run is on its way: the first part stays released, and the rest is ordered again.
    held = sorted(row["item_id"] for row in await desk.open_versions())[2]
    release_part = releasing.release

    async def release_and_hold(uow, bureau, person, seen):
        items = await release_part(uow, bureau, person, seen)
        await desk.act_as(uow.connection, "he")
        await scheduling.hold(uow, bureau, "he", held, "等待核实")
        return items

    monkeypatch.setattr(releasing, "release", release_and_hold)
    stopped = await carry_out(desk, batch, "wu", "release")

    async def fail(*_):
        raise asyncpg.DeadlockDetectedError

    monkeypatch.setattr(releasing, "release", fail)
    failed = await carry_out(desk, batch, "wu", "release")
    monkeypatch.setattr(releasing, "release", release_part)
    finished = await carry_out(desk, batch, "wu", "release")

    assert [(run.done, run.versions, run.refusal) for run in (approved, stopped, failed, finished)] == [
        (5, 5, None), (2, 5, "gate_closed"), (0, 2, "fault"), (2, 2, None),
    ]  # fmt: skip
    assert all(run.ended_at for run in (approved, stopped, failed, finished))
    journalled = await desk.owner.fetch(JOURNALLED)
    assert [(row["action"], row["count"]) for row in journalled] == [
        ("batch_approved", 5), ("batch_released", 2), ("batch_released", 2),
    ]  # fmt: skip
    released = [orjson.loads(value)["item"]["item_id"] for value in await desk.outbox_values()]
    assert len(released) == len(set(released)) == 4
    assert held not in released


async def test_a_batch_goes_through_the_desk_and_is_public_on_every_channel(publisher):
    await publisher.produce(*(handled(number, consents_to_publish=True) for number in range(1, 4)))
    async with publisher.person("zhou") as reviewer:
        page = await wait_until(
            "a batch of three",
            lambda: publisher.fetch_containing(reviewer, "/desk/batches", '<td class="r" data-l="待审核">3</td>'),
        )
        (path,) = set(re.findall(r'href="(/desk/batches/\d+)"', page))
        assert "开始审核本批" in (await reviewer.get(path)).text
        assert "没有待审核的公示信息" in (await reviewer.get("/desk")).text

        sample = (await reviewer.post(f"{path}/close")).text
        seen = re.findall(r'name="seen" value="(GS-[^"]+)"', sample)
        early = await reviewer.post(f"{path}/approve", data={"seen": "0" * 64})
        ready = (await reviewer.post(f"{path}/looks", data={"item": [s.split("=")[0] for s in seen], "seen": seen})).text
        (digest,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', ready)
        approved = await reviewer.post(f"{path}/approve", data={"seen": digest})
        assert (len(seen), early.status_code, approved.status_code) == (3, 409, 200)
        assert (await reviewer.post(f"{path}/release", data={"seen": digest, "checked": "yes"})).status_code == 403
    async with publisher.person("wu") as gatekeeper:
        (digest,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', (await gatekeeper.get(path)).text)
        assert (await gatekeeper.post(f"{path}/release", data={"seen": digest})).status_code == 422
        assert (await gatekeeper.post(f"{path}/release", data={"seen": digest, "checked": "yes"})).status_code == 200

    items = await publisher.items()
    assert (await publisher.json("/api/items?kind=record"))["items"] == items
    assert (await publisher.json("/api/items?kind=operator_month"))["items"] == []
    assert len((await publisher.json("/api/items?since=0&kind=record"))["items"]) == 3
    assert [(item["kind"], item["content"]["result"]) for item in items] == [("record", "达成调解协议")] * 3
    for language, word in (("zh", "达成调解协议"), ("en", "Settled in mediation")):
        for address in ("/boards/basic?kind=record", f"/items/{items[0]['item_id']}", f"/operators/{uscc(0)}"):
            page = await publisher.public.get(address, headers={"accept": "text/html", "accept-language": language})
            assert page.status_code == 200
            assert items[0]["item_id"] in page.text
        item_page = await publisher.public.get(
            f"/items/{items[0]['item_id']}", headers={"accept": "text/html", "accept-language": language}
        )
        assert word in item_page.text
    assert (await publisher.public.get("/boards/basic", headers={"accept": "text/html"})).status_code == 200
    assert items[0]["item_id"] in (await publisher.public.get("/feeds/basic.atom")).text
