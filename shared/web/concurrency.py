"""Requests and event streams at once: of one client, of one stream's address, and in all; those of strangers by themselves."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import LIMITS_REACHED
from shared.web.allowance import RETRY, Allowance, Refusal, client_key, start_cooldown
from shared.web.problems import respond_with_problem

EVENT_STREAM = b"text/event-stream"
# Asked for from inside; whoever watches must see that a service is full.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
REQUESTS_OF_CLIENT = 64
REQUESTS = 512
# A hall has its screens behind one address; a screen that connects again leaves its old stream behind for a while.
STREAMS_OF_CLIENT = 64
STREAMS_OF_ADDRESS = 8
# Of who may not have a lasting one: it ends once what was missed is read, and takes nobody's place while it is read slowly.
STREAMS_OF_STRANGER = 8
STRANGERS_PART = 4
_STRANGER = "gongshi.stranger"


def mark_stranger(request: Request) -> None:
    """Count the stream that answers this request as a stranger's."""
    request.scope[_STRANGER] = True


class ConcurrencyMiddleware:
    """Answers 429 where a client, 503 where all together have too much at once, both with Retry-After."""

    def __init__(self, app: ASGIApp, service: str, max_streams: int) -> None:
        self._app = app
        self._service = service
        # Screens that are told of a withdrawal at once acknowledge it at once.
        self._requests = Allowance(REQUESTS_OF_CLIENT, max(REQUESTS, max_streams))
        self._streams = Allowance(STREAMS_OF_CLIENT, max_streams)
        self._streams_of_address = Allowance(STREAMS_OF_ADDRESS, max_streams)
        self._streams_of_strangers = Allowance(STREAMS_OF_STRANGER, max_streams // STRANGERS_PART)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; it counts as a stream from the moment that its response proves to be one."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        client = client_key(scope.get("client"))
        held, is_refused = Held(), False
        if refusal := held.take(self._requests, client):
            await self._refuse("requests", refusal, scope, receive, send)
            return

        if self._streams_of_address.is_full(scope["path"]):
            # Before anything is looked up: who asks for a stream that is full asks again and again.
            held.close()
            await self._refuse_stream(Refusal.CLIENT, scope, receive, send)
            return

        async def send_if_granted(message: Message) -> None:
            nonlocal is_refused
            if is_refused:
                # The stream ends as if its client had gone.
                raise OSError
            if message["type"] == "http.response.start" and _is_stream(message):
                held.close()
                if refusal := self._take_stream(held, scope, client):
                    is_refused = True
                    await self._refuse_stream(refusal, scope, receive, send)
                    return
            await send(message)

        try:
            await self._app(scope, receive, send_if_granted)
        except (OSError, ClientDisconnect):
            if not is_refused:
                raise
        finally:
            held.close()

    def _take_stream(self, held: Held, scope: Scope, client: str) -> Refusal | None:
        if scope.get(_STRANGER):
            return held.take(self._streams_of_strangers, client)
        return held.take(self._streams, client) or held.take(self._streams_of_address, scope["path"])

    async def _refuse_stream(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        start_cooldown(scope)
        await self._refuse("streams", refusal, scope, receive, send)

    async def _refuse(self, limit: str, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        LIMITS_REACHED.labels(self._service, limit, refusal.value).inc()
        response = respond_with_problem(Request(scope), refusal.status, f"too_many_{limit}", headers=RETRY)
        await response(scope, receive, send)


class Held:
    """What one request has taken of allowances."""

    def __init__(self) -> None:
        self._taken: list[tuple[Allowance, str]] = []

    def take(self, allowance: Allowance, key: str) -> Refusal | None:
        """Take one; return None, or which bound refuses it."""
        refusal = allowance.take(key)
        if refusal is None:
            self._taken.append((allowance, key))
        return refusal

    def close(self) -> None:
        """Give everything back."""
        while self._taken:
            allowance, key = self._taken.pop()
            allowance.give_back(key)


def _is_stream(message: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(EVENT_STREAM) for name, value in message["headers"])
