"""The demo's drafting offices: an item of each kind, written through the desk's own forms, reviewed, released, recalled."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from deploy.demo import desk
from deploy.demo.visitor import UnexpectedAnswer, Visitor
from services.publisher.kinds import KINDS, OperatorUse

ITEMS = Path(__file__).with_name("office_items.yaml")
REPORTS = "/desk/reports/new"
REASON, NOTE = "W01", "演示：内容有误，撤回。"


@cache
def read_items() -> Mapping[str, Mapping[str, str]]:
    """Return what is filled into the form of each kind."""
    items: Mapping[str, Mapping[str, str]] = yaml.safe_load(ITEMS.read_text(encoding="utf-8"))
    return items


async def draft(drafter: Visitor, operator: Mapping[str, str]) -> None:
    """Draft an item of each kind that the drafter's office has; those about an operator are about this one."""
    page = await drafter.page("publisher", "/desk/drafts")
    for kind in KINDS.values():
        path = f"/desk/drafts/new/{kind.name}"
        if path not in page:
            continue
        values = dict(read_items()[kind.name])
        if kind.operator is OperatorUse.REQUIRED:
            values |= {"operator.name": operator["name"], "operator.uscc": operator["uscc"]}
        await drafter.submit("publisher", await drafter.form("publisher", path, path), (), **values)


async def draft_report(drafter: Visitor, month: str) -> bool:
    """Draft the report of a closed month from its figures; return whether the drafter's office drafts reports."""
    if REPORTS not in await drafter.page("publisher", "/desk/drafts"):
        return False
    form = await drafter.form("publisher", REPORTS, REPORTS)
    await drafter.submit("publisher", form, kind="month", period=month)
    return True


async def release(reviewer: Visitor, gatekeeper: Visitor, item_ids: list[str]) -> None:
    """Approve items one by one, and release them together."""
    for item_id in item_ids:
        await desk.approve_item(reviewer, item_id)
    query = "&".join(f"item={item_id}" for item_id in item_ids)
    dialog = await gatekeeper.form("publisher", f"/desk/approved?{query}", "/desk/release")
    await gatekeeper.submit("publisher", dialog, checked="yes")


async def recall(reviewer: Visitor, gatekeeper: Visitor, item_id: str) -> None:
    """Propose to withdraw an item, and let the gatekeeper confirm it."""
    path = f"/desk/items/{item_id}"
    form = await reviewer.form("publisher", f"{path}?dialog=withdraw", f"{path}/withdraw")
    await reviewer.submit("publisher", form, code=REASON, note=NOTE)
    await desk.release_item(gatekeeper, item_id)


async def find_drafts(drafter: Visitor) -> list[str]:
    """Return the items of the drafter's office."""
    page = await drafter.page("publisher", "/desk/drafts")
    found = desk.find_items(page)
    if not found:
        raise UnexpectedAnswer("the office has drafted nothing")
    return found
