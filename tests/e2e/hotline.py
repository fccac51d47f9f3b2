"""A complaint as a hotline reports it, over HTTP with the key of the demo's source."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
import orjson

from deploy.demo.system import DemoSystem
from shared import clock

STRUCTURED = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported; the goods are a word that nothing else in the city has."""

    operator: dict[str, str]
    goods: str
    number: str


async def known_operator(system: DemoSystem) -> dict[str, str]:
    """Return an operator that has been complained of in more than one released month."""
    async with system.visitor() as visitor:
        found = (await visitor.json("publisher", "/api/items?kind=operator_month&limit=500"))["items"]
    months: dict[str, int] = {}
    for item in found:
        months[item["operator"]["uscc"]] = months.get(item["operator"]["uscc"], 0) + 1
    return dict(next(i["operator"] for i in found if i["operator"]["uscc"] and months[i["operator"]["uscc"]] > 1))


async def report(system: DemoSystem, operator: dict[str, str], amount: str) -> Reported:
    """Report a settled complaint of today, and return when it has arrived everywhere."""
    goods = f"定制茶桌{secrets.token_hex(2).upper()}号"
    number = f"E2E-{secrets.token_hex(6)}"
    event = {
        "specversion": "1.0",
        "type": "gongshi.complaint.reported.v1",
        "source": system.staff.source.name,
        "id": number,
        "datacontenttype": "application/json",
        "data": _data(number, operator, goods, amount, clock.now().astimezone(system.settings.zone)),
    }
    headers = {"Authorization": f"Bearer {system.staff.source.key}", "Content-Type": STRUCTURED}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as client:
        answer = await client.post(f"{system.supervisor.urls['intake']}/intake/events", content=orjson.dumps(event))
    assert answer.status_code == 202, answer.text
    await system.wait_applied()
    return Reported(operator, goods, number)


def _data(number: str, operator: dict[str, str], goods: str, amount: str, now: datetime) -> dict[str, Any]:
    return {
        "channel": "hotline_12345",
        "external_id": number,
        "kind": "complaint",
        "ledger": "dispatched",
        "received_at": (now - timedelta(hours=3)).isoformat(),
        "accepted_at": (now - timedelta(hours=2)).isoformat(),
        "closed_at": (now - timedelta(hours=1)).isoformat(),
        "category": "quality",
        "goods": goods,
        "operator": {"name": operator["name"], "uscc": operator["uscc"]},
        "title": f"{goods}与约定不符",
        "text": "收到的商品与合同约定的材质不一致，要求退款。",
        "amount": amount,
        "status": "closed",
        "outcome": "mediated",
    }
