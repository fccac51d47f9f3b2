"""Recalls that reach everybody, timed: paired screens and targets, a tenth of them away, and the public count beside that."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import uvicorn
from rich.progress import Progress

from deploy.bench.meter import Usage, resident_mib, usage
from deploy.bench.own_system import run_own_system
from deploy.bench.pages import NothingReleased
from deploy.bench.recalls import REPLY, AcknowledgingScreen, prepare_recalls
from deploy.databases import connect_database, open_database
from deploy.demo.system import CHECKED_MONTHS, DemoSystem, fill_boards, set_up_demo
from deploy.embedded.ports import ephemeral_port
from services.publisher import screen_pairing
from services.publisher.bureau import BureauContext
from services.publisher.delivering.administration import register, secret_box
from services.publisher.domain.target import Place, Target
from services.publisher.store.screens import Screen
from shared.accounts import Role
from shared.settings import Settings

AWAY = 10  # one of so many is away
# Players acknowledge once a second.
SPREAD_S = 1.0
LOOPBACK = "127.0.0.0/8"
ROOM = 200
DELIVERED_TIMEOUT_S = 120.0
WITHDRAWN_AT = "SELECT released_at FROM publisher.releases WHERE item_id = $1 AND kind = 'withdrawn'"
HTTP_OK, HTTP_UNAVAILABLE = 204, 503


@dataclass
class Receivers:
    """Targets as one server with a path each; those that are away answer 503. `taken`: when which item's withdrawal came."""

    away: frozenset[str]
    first: dict[str, set[str]] = field(default_factory=dict)
    taken: dict[tuple[str, str], float] = field(default_factory=dict)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        body, more = b"", True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        target, message = scope["path"].strip("/"), orjson.loads(body)
        is_withdrawal = message["type"] == "gongshi.item.withdrawn.v1"
        item_id = message["data"]["item"]["item_id"]
        is_refused = is_withdrawal and target in self.away
        if is_withdrawal and not is_refused:
            self.taken.setdefault((target, item_id), time.monotonic())
        elif not is_withdrawal:
            self.first.setdefault(target, set()).add(item_id)
        await send({"type": "http.response.start", "status": HTTP_UNAVAILABLE if is_refused else HTTP_OK, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def measure(
    settings: Settings, screens: int, targets: int, recalls: int, complaints: int, seed: int, bars: Progress
) -> dict[str, Any]:
    """Set up the demo's system in a state directory of its own, with so many screens and targets; withdraw `recalls` items."""
    limits = {"max_streams": screens + ROOM, "max_connections": 2 * screens + targets + ROOM, "trusted_proxies": "127.0.0.1"}
    limits["max_connections_per_address"] = limits["max_connections"]
    async with run_own_system(settings, target_networks=LOOPBACK, **limits) as supervisor:
        system = await set_up_demo(supervisor, seed, complaints, bars, CHECKED_MONTHS, with_ledger=False)
        await fill_boards(system, bars)
        result = await _recall(system, screens, targets, recalls, bars)
    return {"screens": screens, "targets": targets, "recalls": recalls, **result}


async def _recall(system: DemoSystem, screens: int, targets: int, recalls: int, bars: Progress) -> dict[str, Any]:
    target_ids = [f"target-{number}" for number in range(targets)]
    receivers = Receivers(frozenset(target_ids[::AWAY]) if targets >= AWAY else frozenset())
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_serve(system, receivers, target_ids))
        connected = await _register(system, screens)
        # What the first ones cost is paid once.
        first = connected[: math.ceil(screens / AWAY)]
        for player in first:
            await stack.enter_async_context(player)
        officer = await stack.enter_async_context(system.visitor())
        await system.sign_in(officer, Role.OFFICER)
        forms = (await prepare_recalls(system, officer, connected[0], recalls)).forms
        if not forms:
            raise NothingReleased
        chosen = [(item_id, 1) for item_id, _ in forms]
        await asyncio.gather(*(player.show(chosen) for player in first))
        first_mib = _memory(system)
        for player in connected[len(first) :]:
            await stack.enter_async_context(player)
        await asyncio.gather(*(player.show(chosen) for player in connected[len(first) :]))
        connected_mib = _memory(system)
        await _wait_delivered(receivers, set(target_ids), {item_id for item_id, _ in chosen})
        away = connected[::AWAY] if screens >= AWAY else []
        await asyncio.gather(*(player.leave() for player in away))
        online = [player for player in connected if player not in away]
        step = bars.add_task("Withdrawing", total=len(forms))
        began = time.monotonic()
        await asyncio.gather(*(player.connect_again() for player in online))
        await asyncio.gather(*(player.has_lease() for player in online))
        reconnected_s = round(time.monotonic() - began, 2)
        before = _usage(system)
        times: dict[str, list[float]] = {"received": [], "screens": [], "targets": []}
        present = set(target_ids) - receivers.away
        for item_id, form in forms:
            decided = time.monotonic()
            words = {"decision": "withdrawn", "reason_code": "W03", "public_reason": "主体对应错误。", "reply": REPLY}
            await officer.submit("corrections", form, (), **words)
            confirmed = await asyncio.gather(*(player.acknowledged_at(item_id) for player in online))
            released_at = await _released_at(system, item_id)
            times["received"] += [(player.received_at[item_id] - released_at).total_seconds() for player in online]
            times["screens"] += [at - decided for at in confirmed]
            await _wait_taken(receivers, present, item_id)
            times["targets"] += [receivers.taken[target, item_id] - decided for target in present]
            bars.update(step, advance=1)
        used_s = _usage(system).since(before).cpu_s
        truth = {"targets": len(receivers.away) * len(forms), "screens": len(away) * len(forms)}
        async with system.visitor() as reader:
            counted = (await reader.json("publisher", "/api/recalls"))["unacknowledged"]
    return {
        "reconnected_s": reconnected_s,
        "p50_s": {name: _quantile(found, 0.5) for name, found in times.items()},
        "p99_s": {name: _quantile(found, 0.99) for name, found in times.items()},
        "kib_a_screen": round((connected_mib - first_mib) * 1024 / max(1, screens - len(first))),
        "publisher_mib": round(connected_mib),
        "publisher_ms_a_recall": round(1000 * used_s / len(forms)),
        "refused": sum(player.refused for player in connected),
        "unacknowledged": {name: counted[name] for name in truth},
        "truth": truth,
        "exact": all(counted[name] == count for name, count in truth.items()),
    }  # fmt: skip


@asynccontextmanager
async def _serve(system: DemoSystem, receivers: Receivers, target_ids: Sequence[str]) -> AsyncIterator[None]:
    """Serve the receivers, and register a target for each."""
    port = ephemeral_port()
    config = uvicorn.Config(receivers, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    box = secret_box(BureauContext.load(system.settings).lease_key)
    async with open_database(system.settings, "publisher") as database, database.unit_of_work() as uow:
        for target_id in target_ids:
            target = Target(target_id, Place.PORTAL, target_id, "webhook", f"http://127.0.0.1:{port}/{target_id}")
            await register(uow, "bench", box, target, plain_allowed=True)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _register(system: DemoSystem, count: int) -> list[AcknowledgingScreen]:
    publisher, players = system.supervisor.urls["publisher"], []
    async with open_database(system.settings, "publisher") as database, database.unit_of_work() as uow:
        for number in range(count):
            screen_id = f"bench-{number}"
            secret = await screen_pairing.register(uow, "bench", Screen(screen_id, f"Bench {number}", None))
            address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
            players.append(AcknowledgingScreen(publisher, screen_id, secret or "", address, SPREAD_S))
    return players


async def _released_at(system: DemoSystem, item_id: str) -> datetime:
    async with connect_database(system.settings) as connection:
        at: datetime = await connection.fetchval(WITHDRAWN_AT, item_id)
    return at


def _memory(system: DemoSystem) -> float:
    """Return the memory of the publisher in MiB."""
    return resident_mib(system.supervisor.pid("publisher"))


def _usage(system: DemoSystem) -> Usage:
    return usage(system.supervisor.pid("publisher"))


async def _wait_delivered(receivers: Receivers, target_ids: set[str], item_ids: set[str]) -> None:
    async with asyncio.timeout(DELIVERED_TIMEOUT_S):
        while any(not item_ids <= receivers.first.get(target, set()) for target in target_ids):
            await asyncio.sleep(0.1)


async def _wait_taken(receivers: Receivers, target_ids: set[str], item_id: str) -> None:
    async with asyncio.timeout(DELIVERED_TIMEOUT_S):
        while any((target, item_id) not in receivers.taken for target in target_ids):
            await asyncio.sleep(0.01)


def _quantile(times: Sequence[float], share: float) -> float | None:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None
