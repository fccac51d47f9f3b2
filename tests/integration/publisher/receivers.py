"""Receivers of webhooks as targets have them: a real server that answers by a script, and keeps what it took."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
import uvicorn
from standardwebhooks import Webhook

from services.publisher.delivering.administration import register, secret_box
from services.publisher.domain.target import Place, Scope, Target
from tests.integration.probes import wait_until

HANG = "hang"
TAKE_AND_FAIL = "take and fail"
LOOPBACK = "127.0.0.0/8"


@dataclass
class Receiver:
    """Answers each request with the next of `script` (a status, a status with headers, `HANG`), in the end with 204.

    `answers` are the messages with the status that each was answered with, None while it hangs. `TAKE_AND_FAIL` keeps the
    message and answers 500.

    `taken` are the messages that it answered with success, each id once, as a receiver that keeps the rules has them.
    """

    url: str
    script: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    taken: dict = field(default_factory=dict)
    order: list = field(default_factory=list)
    queries: list = field(default_factory=list)
    answers: list = field(default_factory=list)

    async def __call__(self, scope, receive, send):
        assert scope["type"] == "http"
        body = b""
        more = True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append((scope["path"], headers, body))
        self.queries.append(scope["query_string"].decode())
        step = self.script.pop(0) if self.script else 204
        if step == HANG:
            self.answers.append((orjson.loads(body), None))
            await asyncio.sleep(60)
        status, extra = step if isinstance(step, tuple) else (step, {})
        is_kept = status == TAKE_AND_FAIL
        status = 500 if is_kept else status
        if body[:1] == b"{":
            self.answers.append((orjson.loads(body), status))
        if (is_kept or 200 <= status < 300) and "webhook-id" in headers and headers["webhook-id"] not in self.taken:
            self.taken[headers["webhook-id"]] = orjson.loads(body)
            self.order.append(headers["webhook-id"])
        encoded = [(name.encode(), value.encode()) for name, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": b""})

    def items(self):
        """The newest version of each item that was taken, by item id; withdrawn ones are gone."""
        state = {}
        for message in self.taken.values():
            item = message["data"]["item"]
            if item["version"] >= state.get(item["item_id"], {"version": 0})["version"]:
                state[item["item_id"]] = item
        return {item_id: item for item_id, item in state.items() if item["state"] != "withdrawn"}

    def may_have(self, item_id, version):
        """Whether it was sent an earlier version of an item and did not acknowledge this one or a later one."""
        messages = [(message["data"]["item"], status) for message, status in self.answers]
        of_item = [(item["version"], status) for item, status in messages if item["item_id"] == item_id]
        is_acknowledged = any(number >= version and status and 200 <= status < 300 for number, status in of_item)
        return any(number < version for number, _ in of_item) and not is_acknowledged

    def verify(self, secret, number=-1):
        """Verify a request by the library of Standard Webhooks; it raises where the signature is none."""
        _, headers, body = self.requests[number]
        return Webhook(secret).verify(body.decode(), headers)


async def _has_started(server):
    return server.started


@asynccontextmanager
async def run_receiver(*script):
    """A receiver on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    receiver = Receiver(f"http://127.0.0.1:{port}/hook", list(script))
    server = uvicorn.Server(
        uvicorn.Config(receiver, port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
    )
    serving = asyncio.create_task(server.serve())
    await wait_until("the receiver listens", lambda: _has_started(server))
    try:
        yield receiver
    finally:
        server.should_exit = True
        await serving


async def add_target(database, key, url, target_id="portal", *, channel="webhook", per_minute=None, **scope):
    """Register a target; return what its people are given."""
    target = Target(target_id, Place.PORTAL, "区政府门户", channel, url, Scope(**scope), per_minute)
    async with database.unit_of_work() as uow:
        return await register(uow, "ops", secret_box(key), target, plain_allowed=True)
