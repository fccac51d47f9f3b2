"""The way of a complaint, by program: released, shown on a screen, disputed, corrected, withdrawn, and everything verified."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.progress import Progress

from deploy.cli.progress import Bars
from deploy.cli.verify import differences
from deploy.demo import desk
from deploy.demo.screen import Screen
from deploy.demo.stage import SCREENS, Stage
from deploy.demo.visitor import Visitor
from deploy.demo.witness import disagreements
from shared.accounts import Role
from shared.errors import PermanentError

SHOWN_WITHIN_S = 15.0
STEPS = 8
GONE = 410


class WentWrong(PermanentError):
    """A step of the way did not do what it should."""


@dataclass(slots=True)
class Journey:
    """The visitors of one journey, and what was measured on the way."""

    stage: Stage
    public: Visitor
    reviewer: Visitor
    gatekeeper: Visitor
    officer: Visitor
    screen: Screen
    done: Callable[[int], None]
    found: dict[str, Any] = field(default_factory=dict)

    async def released(self, item_id: str, event: str) -> None:
        """Let an item through the gate, and see it on the screen."""
        await desk.approve_item(self.reviewer, item_id)
        began = time.perf_counter()
        await desk.release_item(self.gatekeeper, item_id)
        await self.screen.until(event, item_id, SHOWN_WITHIN_S)
        self.found.setdefault("release_to_screen_ms", []).append(round((time.perf_counter() - began) * 1000))

    async def item(self, item_id: str) -> dict[str, Any]:
        """Return an item as portals see it."""
        found: dict[str, Any] = await self.public.json("publisher", f"/api/items/{item_id}")
        return found


async def travel(stage: Stage, bars: Progress) -> dict[str, Any]:
    """Go the whole way and verify. Returns what was seen, `ok` first; raises `GongshiError` where a step fails."""
    wrong = await disagreements(stage)
    check(not wrong, f"the figures equal the ledger of what was sent: {'; '.join(wrong[:5])}")
    publisher = stage.supervisor.urls["publisher"]
    async with (
        stage.visitor() as public, stage.visitor() as reviewer, stage.visitor() as gatekeeper, stage.visitor() as officer,
        Screen(publisher, SCREENS[0].screen_id) as screen,
    ):  # fmt: skip
        await stage.signed_in(reviewer, Role.REVIEWER)
        await stage.signed_in(gatekeeper, Role.GATEKEEPER)
        await stage.signed_in(officer, Role.OFFICER)
        journey = Journey(stage, public, reviewer, gatekeeper, officer, screen, Bars(bars)("Going the whole way", STEPS))
        await _publish(journey)
        await _correct_an_item(journey)
        await _correct_a_figure(journey)
        await _withdraw(journey)
    await stage.applied()
    found = await differences(stage.settings, Bars(bars))
    journey.done(1)
    return {"ok": not found, "differences": found, "complaints": len(stage.ledger.reports()), **journey.found}


def check(holds: bool, what: str) -> None:  # noqa: FBT001 - an assertion
    """Raise `WentWrong` naming what does not hold."""
    if not holds:
        raise WentWrong(f"not so: {what}")


async def _publish(journey: Journey) -> None:
    """Release one draft, and find it on the screen, the portal, the feed and the API."""
    item_id = await desk.first_draft(journey.reviewer)
    await journey.released(item_id, "released")
    found = await journey.item(item_id)
    check(found["state"] == "released" and found["version"] == 1, f"{item_id} is released")
    check(item_id in await journey.public.page("publisher", f"/items/{item_id}"), "the item has a page")
    check(item_id in await journey.public.page("publisher", f"/feeds/{found['board']}.atom"), "the item is in the feed")
    journey.found["published"] = item_id
    journey.done(1)


async def _correct_an_item(journey: Journey) -> None:
    """An operator has the amount of a major complaint corrected; the old version stays in the history."""
    item = await _public_item(journey, "major")
    item_id, operator = item["item_id"], item["operator"]
    right = "4321.00"
    async with journey.stage.visitor() as applicant:
        statement = "公示金额与实际成交金额不一致，请核对合同后更正。"
        await desk.apply(applicant, item_id, operator["name"], operator["uscc"], "A01", statement, field="amount", value=right)
    await journey.stage.applied()
    check((await journey.item(item_id))["under_review"], "the item is marked as under review")
    journey.done(1)
    reply = "经核对合同和付款凭证，涉及金额录入有误，现予更正。"
    await desk.decide(journey.officer, item_id, "corrected", "C02", public_reason="涉及金额录入有误。", reply=reply)
    await journey.stage.applied()
    await journey.released(item_id, "corrected")
    after = await journey.item(item_id)
    check(after["state"] == "corrected" and after["content"]["amount"] == right, "the amount is corrected")
    check([v["version"] for v in after["versions"]].count(item["version"]) == 1, "the old version is in the history")
    journey.found["corrected_item"] = item_id
    journey.done(1)


async def _correct_a_figure(journey: Journey) -> None:
    """A ruling takes a complaint out of an operator's month: stats restates, the publisher issues the corrected version."""
    item = await _public_item(journey, "basic")
    item_id, operator, month = item["item_id"], item["operator"], item["period"]
    path = f"/stats/operators/{operator['uscc']}?period={month}"
    before = (await journey.public.json("stats", path))["figures"]["complaints"]
    async with journey.stage.visitor() as applicant:
        await desk.apply(applicant, item_id, operator["name"], operator["uscc"], "A02", "其中一件投诉不属于本单位，请核实。")
    await journey.stage.applied()
    journey.done(1)
    (box, *_rest) = await desk.effect_boxes(journey.officer, item_id, "exclude.")
    reply = "经核实，其中一件投诉的被投诉人不是你单位，现从统计中剔除。"
    await desk.decide(
        journey.officer, item_id, "corrected", "C06", public_reason="其中一件投诉不属于该经营者。", reply=reply, **{box: "yes"}
    )
    await journey.stage.applied()
    after = (await journey.public.json("stats", path))["figures"]["complaints"]
    check(after == before - 1, f"the figure went from {before} to {before - 1}, it is {after}")
    await journey.released(item_id, "corrected")
    journey.found["restated"] = {"item": item_id, "from": before, "to": after}
    journey.done(1)


async def _withdraw(journey: Journey) -> None:
    """A ruling withdraws an item: it leaves the screen at once and its page answers 410."""
    item = await _public_item(journey, "major", besides=journey.found["corrected_item"])
    item_id, operator = item["item_id"], item["operator"]
    async with journey.stage.visitor() as applicant:
        await desk.apply(applicant, item_id, operator["name"], operator["uscc"], "A02", "该投诉的被投诉人不是本单位，请撤回。")
    await journey.stage.applied()
    journey.done(1)
    reply = "经核实，该投诉的主体对应错误，现予撤回。"
    await desk.decide(journey.officer, item_id, "withdrawn", "W03", public_reason="主体对应错误。", reply=reply)
    await journey.screen.until("withdrawn", item_id, SHOWN_WITHIN_S)
    await journey.public.page("publisher", f"/items/{item_id}", expect=GONE)
    journey.found["withdrawn"] = item_id
    journey.done(1)


async def _public_item(journey: Journey, board: str, besides: str = "") -> dict[str, Any]:
    """Return a public item on a board, of an operator with a code and with at least two complaints in a month."""
    listed = (await journey.public.json("publisher", f"/api/items?board={board}&limit=200"))["items"]
    fit = [item for item in listed if item["item_id"] != besides and item["state"] == "released" and item["operator"]["uscc"]]
    counted = [item for item in fit if board != "basic" or int(item["content"]["complaints"]) > 1]
    check(bool(counted), f"there is a public item on the board {board}")
    return dict(counted[0])
