"""A bounded flood from loopback, as a process of its own: `python -m deploy.bench.flood`, the plan as JSON on standard input.

Only for systems of one's own: it refuses any host but loopback. It comes from several addresses of 127.0.0.0/8, so that
bounds in all are reached and not only those of one address. Prints a line when everything is under way, and at the end the
responses by kind.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import orjson
import uvloop

from shared.errors import PermanentError

ADDRESSES = tuple(f"127.0.1.{number}" for number in range(1, 11))
# How many of each kind are open at once.
SIZES = {"connections": 1_000, "streams": 200, "sign_ins": 200, "bodies": 16}
# So many open at once are begun in a second, and none of them anew within a second.
OPENED_PER_S = 500
PAUSE_S = 1.0
NICENESS = 10
ACKNOWLEDGEMENT_BYTES = 21 << 20
UPLOAD_BYTES = 20 << 20
CHUNK = bytes(64 << 10)
FORM = "application/x-www-form-urlencoded"

Attack = Callable[[int], Awaitable[str]]


class NotLoopback(PermanentError):
    """A flood is for systems on this machine only."""


@dataclass(frozen=True, slots=True)
class FloodPlan:
    """Where the flood goes (base URLs), and for how long in seconds. `after`: the release after which strangers want all."""

    publisher: str
    corrections: str
    screens: tuple[str, ...]
    item_id: str
    after: int
    seconds: float

    def to_json(self) -> bytes:
        """Return the plan for standard input."""
        return orjson.dumps(asdict(self))


class Flood:
    """Keeps every kind of attack going until its time is over, and counts what came back by kind and status."""

    def __init__(self, plan: FloodPlan, sizes: Mapping[str, int] = SIZES) -> None:
        for url in (plan.publisher, plan.corrections):
            if not ipaddress.ip_address(urlsplit(url).hostname or "").is_loopback:
                raise NotLoopback
        self._plan = plan
        self._sizes = sizes
        self._answers: dict[str, Counter[str]] = defaultdict(Counter)

    async def run(self, on_flow: Callable[[], None]) -> dict[str, dict[str, int]]:
        """Run until the time is over; `on_flow` is called once when everything has begun."""
        attacks: Mapping[str, Attack] = {
            "connections": self._hold_half_a_head,
            "streams": self._hold_stream,
            "sign_ins": self._sign_in,
            "bodies": self._send_body,
        }
        tasks = []
        for kind, count in self._sizes.items():
            for number in range(count):
                tasks.append(asyncio.create_task(self._repeat(kind, number, attacks[kind])))
                await asyncio.sleep(1 / OPENED_PER_S)
        on_flow()
        await asyncio.sleep(self._plan.seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return {kind: dict(counts) for kind, counts in self._answers.items()}

    async def _repeat(self, kind: str, number: int, attack: Attack) -> None:
        while True:
            try:
                status = await attack(number)
            except (OSError, EOFError):
                status = "closed"
            self._answers[kind][status or "closed"] += 1
            await asyncio.sleep(PAUSE_S)

    async def _hold_half_a_head(self, number: int) -> str:
        """Begin a request and never end it."""
        async with _connect(self._plan.publisher, number) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            return await _read_status(reader)

    async def _hold_stream(self, number: int) -> str:
        """Ask for the events of a screen, and read slowly."""
        screen = self._plan.screens[number % len(self._plan.screens)]
        async with _connect(self._plan.publisher, number) as (reader, writer):
            writer.write(f"GET /screens/{screen}/events?after={self._plan.after} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            status = await _read_status(reader)
            while status == "200" and await reader.read(1024):
                await asyncio.sleep(PAUSE_S)
            return status

    async def _sign_in(self, number: int) -> str:
        """Guess a password."""
        body = f"name=xu.an&password=flood-of-guesses-{number}".encode()
        return await self._post(self._plan.publisher, "/desk/sign-in", FORM, number, len(body), body)

    async def _send_body(self, number: int) -> str:
        """Send an acknowledgement of 21 MB without saying its length, or an upload as large as is accepted."""
        if number % 2:
            return await self._post(
                self._plan.publisher, f"/screens/{self._plan.screens[0]}/acks", "application/json", number,
                ACKNOWLEDGEMENT_BYTES, b"",
            )  # fmt: skip
        head = b'--b\r\nContent-Disposition: form-data; name="evidence"; filename="a.pdf"\r\n\r\n%PDF-1.4\n'
        path = f"/corrections/new?item={self._plan.item_id}"
        return await self._post(self._plan.corrections, path, "multipart/form-data; boundary=b", number, UPLOAD_BYTES, head)

    async def _post(self, base: str, path: str, content_type: str, number: int, length: int, body: bytes) -> str:
        """Post `body`, filled up to `length`; return the status of the response, which may come before the end of the body."""
        async with _connect(base, number) as (reader, writer):
            head = (
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            sent = len(body)
            with suppress(OSError):
                while sent < length:
                    part = CHUNK[: length - sent]
                    writer.write(part)
                    sent += len(part)
                    await writer.drain()
            return await _read_status(reader)


class _connect:  # noqa: N801 - used as a function
    """A connection from one of the addresses, closed at the end."""

    def __init__(self, base: str, number: int) -> None:
        self._url = urlsplit(base)
        self._source = ADDRESSES[number % len(ADDRESSES)]
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, self._writer = await asyncio.open_connection(
            self._url.hostname, self._url.port, local_addr=(self._source, 0), limit=4096
        )
        return reader, self._writer

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.transport.abort()


async def _read_status(reader: asyncio.StreamReader) -> str:
    """Return the status of a response; empty where the connection is closed without one."""
    line = await reader.readline()
    return line.split(b" ")[1].decode() if line.count(b" ") else ""


def main() -> None:
    """Read the plan and run it, behind everything else: strangers compute on machines of their own."""
    os.nice(NICENESS)
    plan = orjson.loads(sys.stdin.buffer.read())
    flood = Flood(FloodPlan(**plan))
    answers = uvloop.run(flood.run(lambda: print("flowing", flush=True)))  # noqa: T201 - what the bench waits for
    print(orjson.dumps(answers).decode())  # noqa: T201 - its result


if __name__ == "__main__":
    main()
