"""Recalls, timed: from an officer's decision to the acknowledgement of a paired screen, stored."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx2

from deploy.demo import desk
from deploy.demo.forms import Form
from deploy.demo.screen import ReceivedScreenEvent, read_events
from deploy.demo.system import DemoSystem
from deploy.demo.visitor import Visitor
from services.publisher.web.screens.player import COOKIE
from shared.clock import now

CONFIRMED_TIMEOUT_S = 60.0
# As `screen_requests.js`.
RETRY_S = 3.0
# Every client of its own would read the certificates of this machine; screens of a bench are on it.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
STATEMENT = "该投诉的被投诉人不是本单位，请撤回。"
REPLY = "经核实，该投诉的主体对应错误，现予撤回。"


class AcknowledgingScreen:
    """A paired screen as a program: follows its stream and acknowledges each withdrawal, as players do within `spread_s`."""

    def __init__(self, publisher_url: str, screen_id: str, secret: str, address: str = "", spread_s: float = 0.0) -> None:
        self._events = f"{publisher_url}/screens/{screen_id}/events"
        # At the address that strangers ask for as well, as most players do.
        self._headers = {"Cookie": f"{COOKIE}={secret}"}
        if address:
            # One that a proxy names, so that many of this machine are not one client.
            self._headers["X-Forwarded-For"] = address
        self._leased = asyncio.Event()
        self._acks = f"{publisher_url}/screens/{screen_id}/acks"
        self._lease = self._last = ""
        self._acknowledged: dict[str, asyncio.Future[float]] = {}
        self._task: asyncio.Task[None] | None = None
        self._spread_s = spread_s
        self._acknowledging: set[asyncio.Task[None]] = set()
        self.refused = 0
        self.received_at: dict[str, datetime] = {}
        """When its stream told of the withdrawal of an item."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._stop()

    async def connect_again(self) -> None:
        """Leave the stream and ask for it anew, as a player does that was switched off."""
        await self._stop()
        self._leased.clear()
        self._task = asyncio.create_task(self._follow())

    async def has_lease(self) -> None:
        """Return once its stream has brought a lease."""
        async with asyncio.timeout(CONFIRMED_TIMEOUT_S):
            await self._leased.wait()

    async def leave(self) -> None:
        """Leave the stream, as a player does that is switched off."""
        await self._stop()

    async def show(self, items: Sequence[tuple[str, int]]) -> None:
        """Acknowledge that versions (item id, number) are shown, once there is a lease."""
        await self.has_lease()
        async with self._client() as client:
            await self._acknowledge(client, items)

    async def _stop(self) -> None:
        for task in (self._task, *self._acknowledging):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def acknowledged_at(self, item_id: str) -> float:
        """Return the time (monotonic) at which the withdrawal of an item was acknowledged."""
        async with asyncio.timeout(CONFIRMED_TIMEOUT_S):
            return await self._expect(item_id)

    def _expect(self, item_id: str) -> asyncio.Future[float]:
        return self._acknowledged.setdefault(item_id, asyncio.get_running_loop().create_future())

    async def _follow(self) -> None:
        """Follow the stream, and connect again where it ends, as a player does."""
        async with self._client() as client:
            while True:
                with suppress(httpx2.HTTPError):
                    resume = {"Last-Event-ID": self._last} if self._last else {}
                    async with client.stream("GET", self._events, headers=resume) as response:
                        self.refused += response.status_code != httpx2.codes.OK
                        async for event in read_events(response):
                            self._take(client, event)
                            self._last = event.number or self._last
                await asyncio.sleep(1)

    def _take(self, client: httpx2.AsyncClient, event: ReceivedScreenEvent) -> None:
        data = event.data
        if event.name == "lease":
            self._lease = str(data["token"])
            self._leased.set()
        elif event.name == "withdrawn":
            self.received_at.setdefault(str(data["item_id"]), now())
            task = asyncio.create_task(self._carry_out(client, str(data["item_id"]), int(data["version"])))
            self._acknowledging.add(task)
            task.add_done_callback(self._acknowledging.discard)

    async def _carry_out(self, client: httpx2.AsyncClient, item_id: str, version: int) -> None:
        await asyncio.sleep(random.uniform(0, self._spread_s))  # noqa: S311 spreads requests
        await self._acknowledge(client, [(item_id, version)])
        expected = self._expect(item_id)
        if not expected.done():
            expected.set_result(time.monotonic())

    async def _acknowledge(self, client: httpx2.AsyncClient, items: Sequence[tuple[str, int]]) -> None:
        """Acknowledge versions, again and again until the server takes it, as a player does."""
        shown = [{"item_id": item_id, "version": version, "shown_at": now().isoformat()} for item_id, version in items]
        while True:
            with suppress(httpx2.TransportError):
                answer = await client.post(self._acks, json={"lease": self._lease, "shown": shown})
                if answer.status_code == httpx2.codes.NO_CONTENT:
                    return
                self.refused += 1
            await asyncio.sleep(random.uniform(RETRY_S / 2, RETRY_S))  # noqa: S311 spreads requests

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(timeout=None, trust_env=False, headers=self._headers, verify=NO_TLS)


class Recalls:
    """Withdrawals that wait for an officer's decision: the form of each is filled in before the time is taken."""

    def __init__(self, officer: Visitor, screen: AcknowledgingScreen, forms: Sequence[tuple[str, Form]]) -> None:
        self._officer = officer
        self._screen = screen
        self.forms = list(forms)

    async def measure(self, count: int, seconds: float) -> list[float]:
        """Decide `count` of them, spread over so many seconds; return the seconds of each until it was acknowledged."""
        started, times = time.monotonic(), []
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number * seconds / count - time.monotonic()))
            item_id, form = self.forms.pop()
            decided = time.monotonic()
            await self._officer.submit(
                "corrections", form, (), decision="withdrawn", reason_code="W03", public_reason="主体对应错误。", reply=REPLY
            )
            times.append(await self._screen.acknowledged_at(item_id) - decided)
        return times


async def prepare_recalls(system: DemoSystem, officer: Visitor, screen: AcknowledgingScreen, count: int) -> Recalls:
    """File and accept an application on each of `count` public items, and open the forms of their decisions."""
    async with system.visitor() as public:
        items = (await public.json("publisher", "/api/items?limit=200"))["items"]
        chosen = [item for item in items if item["state"] == "released" and item["operator"]["uscc"]][:count]
        for item in chosen:
            operator = item["operator"]
            await desk.file_application(public, item["item_id"], operator["name"], operator["uscc"], "A02", STATEMENT)
    await system.wait_applied()
    forms = [(item["item_id"], await desk.decision_form(officer, item["item_id"])) for item in chosen]
    await system.wait_applied()
    return Recalls(officer, screen, forms)
