"""The end-to-end scenario: release, screen, dispute, correction, withdrawal, verification."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.progress import Progress

from deploy.cli.progress import Bars
from deploy.cli.verify import differences
from deploy.demo import desk, office_items
from deploy.demo.reconciliation import figure_differences
from deploy.demo.screen import ScreenClient
from deploy.demo.system import SCREENS, DemoSystem
from deploy.demo.visitor import Visitor
from services.publisher.kinds import KINDS
from shared.accounts import Role
from shared.errors import PermanentError

SCREEN_TIMEOUT_S = 15.0
STEPS = 9
GONE = 410


class StepFailed(PermanentError):
    """A step of the scenario did not have its expected result."""


@dataclass(slots=True)
class Scenario:
    """The visitors of one run, and its results."""

    system: DemoSystem
    public: Visitor
    reviewer: Visitor
    gatekeeper: Visitor
    officer: Visitor
    screen: ScreenClient
    advance: Callable[[int], None]
    results: dict[str, Any] = field(default_factory=dict)

    async def release(self, item_id: str, event: str) -> None:
        """Approve and release an item, and wait for it on the screen."""
        await desk.approve_item(self.reviewer, item_id)
        started = time.perf_counter()
        await desk.release_item(self.gatekeeper, item_id)
        await self.screen.wait_for_event(event, item_id, SCREEN_TIMEOUT_S)
        self.results.setdefault("release_to_screen_ms", []).append(round((time.perf_counter() - started) * 1000))

    async def item(self, item_id: str) -> dict[str, Any]:
        """Return an item from the public API."""
        found: dict[str, Any] = await self.public.json("publisher", f"/api/items/{item_id}")
        return found


async def run_scenario(system: DemoSystem, bars: Progress) -> dict[str, Any]:
    """Run all steps and verify. Returns the results, `ok` first. Raises `GongshiError` when a step fails."""
    mismatches = await figure_differences(system)
    check(not mismatches, f"the figures equal the ledger of what was sent: {'; '.join(mismatches[:5])}")
    publisher = system.supervisor.urls["publisher"]
    async with (
        system.visitor() as public, system.visitor() as reviewer, system.visitor() as gatekeeper, system.visitor() as officer,
        ScreenClient(publisher, SCREENS[0].screen_id) as screen,
    ):  # fmt: skip
        await system.sign_in(reviewer, Role.REVIEWER)
        await system.sign_in(gatekeeper, Role.GATEKEEPER)
        await system.sign_in(officer, Role.OFFICER)
        scenario = Scenario(system, public, reviewer, gatekeeper, officer, screen, Bars(bars)("Running the scenario", STEPS))
        await _publish(scenario)
        await _correct_an_item(scenario)
        await _correct_a_figure(scenario)
        await _withdraw(scenario)
        await _recall_every_kind(scenario)
    await system.wait_applied()
    remaining = await differences(system.settings, Bars(bars))
    scenario.advance(1)
    return {"ok": not remaining, "differences": remaining, "complaints": len(system.ledger.reports()), **scenario.results}


def check(condition: bool, expectation: str) -> None:  # noqa: FBT001 - an assertion
    """Raise `StepFailed` unless the condition holds."""
    if not condition:
        raise StepFailed(f"not true: {expectation}")


async def _publish(scenario: Scenario) -> None:
    """Release one draft, and check screen, portal, feed and API."""
    item_id = await desk.first_draft(scenario.reviewer)
    await scenario.release(item_id, "released")
    found = await scenario.item(item_id)
    check(found["state"] == "released" and found["version"] == 1, f"{item_id} is released")
    check(item_id in await scenario.public.page("publisher", f"/items/{item_id}"), "the item has a page")
    check(item_id in await scenario.public.page("publisher", f"/feeds/{found['board']}.atom"), "the item is in the feed")
    scenario.results["published"] = item_id
    scenario.advance(1)


async def _correct_an_item(scenario: Scenario) -> None:
    """Correct the amount of a major complaint on an application; the old version stays in the history."""
    item = await _public_item(scenario, "major")
    item_id, operator = item["item_id"], item["operator"]
    amount = "4321.00"
    async with scenario.system.visitor() as applicant:
        statement = "公示金额与实际成交金额不一致，请核对合同后更正。"
        await desk.file_application(
            applicant, item_id, operator["name"], operator["uscc"], "A01", statement, field="amount", value=amount
        )
    await scenario.system.wait_applied()
    check(not (await scenario.item(item_id))["under_review"], "an application alone changes nothing in public")
    await desk.accept_application(scenario.officer, item_id)
    await scenario.system.wait_applied()
    check((await scenario.item(item_id))["under_review"], "the item is marked as under review")
    scenario.advance(1)
    reply = "经核对合同和付款凭证，涉及金额录入有误，现予更正。"
    await desk.decide(scenario.officer, item_id, "corrected", "C02", public_reason="涉及金额录入有误。", reply=reply)
    await scenario.system.wait_applied()
    await scenario.release(item_id, "corrected")
    after = await scenario.item(item_id)
    check(after["state"] == "corrected" and after["content"]["amount"] == amount, "the amount is corrected")
    check([v["version"] for v in after["versions"]].count(item["version"]) == 1, "the old version is in the history")
    scenario.results["corrected_item"] = item_id
    scenario.advance(1)


async def _correct_a_figure(scenario: Scenario) -> None:
    """Exclude a complaint from an operator's month by a ruling: stats restates, the publisher issues a corrected version."""
    item = await _public_item(scenario, "basic")
    item_id, operator, month = item["item_id"], item["operator"], item["period"]
    path = f"/stats/operators/{operator['uscc']}?period={month}"
    before = (await scenario.public.json("stats", path, key=scenario.system.reader_key))["figures"]["complaints"]
    async with scenario.system.visitor() as applicant:
        await desk.file_application(
            applicant, item_id, operator["name"], operator["uscc"], "A02", "其中一件投诉不属于本单位，请核实。"
        )
    await scenario.system.wait_applied()
    scenario.advance(1)
    (box, *_rest) = await desk.effect_checkboxes(scenario.officer, item_id, "exclude.")
    reply = "经核实，其中一件投诉的被投诉人不是你单位，现从统计中剔除。"
    await desk.decide(
        scenario.officer, item_id, "corrected", "C06", public_reason="其中一件投诉不属于该经营者。", reply=reply, **{box: "yes"}
    )
    await scenario.system.wait_applied()
    after = (await scenario.public.json("stats", path, key=scenario.system.reader_key))["figures"]["complaints"]
    check(after == before - 1, f"the figure went from {before} to {before - 1}, it is {after}")
    await scenario.release(item_id, "corrected")
    scenario.results["restated"] = {"item": item_id, "from": before, "to": after}
    scenario.advance(1)


async def _withdraw(scenario: Scenario) -> None:
    """Withdraw an item by a ruling: the screen removes it at once and its page answers 410."""
    item = await _public_item(scenario, "major", exclude_id=scenario.results["corrected_item"])
    item_id, operator = item["item_id"], item["operator"]
    async with scenario.system.visitor() as applicant:
        await desk.file_application(
            applicant, item_id, operator["name"], operator["uscc"], "A02", "该投诉的被投诉人不是本单位，请撤回。"
        )
    await scenario.system.wait_applied()
    scenario.advance(1)
    reply = "经核实，该投诉的主体对应错误，现予撤回。"
    await desk.decide(scenario.officer, item_id, "withdrawn", "W03", public_reason="主体对应错误。", reply=reply)
    await scenario.screen.wait_for_event("withdrawn", item_id, SCREEN_TIMEOUT_S)
    await scenario.public.page("publisher", f"/items/{item_id}", expect=GONE)
    scenario.results["withdrawn"] = item_id
    scenario.advance(1)


async def _recall_every_kind(scenario: Scenario) -> None:
    """Recall an item of each kind that is declared: the screen hears of it, and its page answers 410."""
    items = [
        item for kind in KINDS for item in (await scenario.public.json("publisher", f"/api/items?kind={kind}&limit=1"))["items"]
    ]
    check({item["kind"] for item in items} == set(KINDS), "an item of each kind is public")
    for item in items:
        item_id = item["item_id"]
        page = await scenario.public.page("publisher", f"/items/{item_id}")
        check(item_id in page, f"{item_id} has a page")
        if f"/items/{item_id}.pdf" in page:
            document = await scenario.public.page("publisher", f"/items/{item_id}.pdf")
            check(document.startswith("%PDF"), f"{item_id} is an official document too")
            scenario.results["documents"] = scenario.results.get("documents", 0) + 1
        await office_items.recall(scenario.reviewer, scenario.gatekeeper, item_id)
        await scenario.screen.wait_for_event("withdrawn", item_id, SCREEN_TIMEOUT_S)
        await scenario.public.page("publisher", f"/items/{item_id}", expect=GONE)
    scenario.results["recalled_kinds"] = len(items)
    scenario.advance(1)


async def _public_item(scenario: Scenario, board: str, exclude_id: str = "") -> dict[str, Any]:
    """Return a public item on a board, of an operator with a code and with at least two complaints in a month."""
    kind = {"basic": "operator_month", "major": "major_complaint"}[board]
    items = (await scenario.public.json("publisher", f"/api/items?kind={kind}&limit=200"))["items"]
    eligible = [
        item for item in items if item["item_id"] != exclude_id and item["state"] == "released" and item["operator"]["uscc"]
    ]
    candidates = [item for item in eligible if board != "basic" or int(item["content"]["complaints"]) > 1]
    check(bool(candidates), f"there is a public item on the board {board}")
    return dict(candidates[0])
