"""Connections of a service: how many, how long one may be silent, and how slowly it may read."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Protocol

from shared.metrics import LIMITS_REACHED
from shared.web.allowance import Allowance, Refusal, client_key

HEAD_S = 10.0
# How long the rest of a body is thrown away after its response: a client that is still sending reads the response then.
LINGER_S = 5.0
# A client that reads less than this within `STALL_S` of what waits for it is dropped.
STALL_S = 20.0
STALL_BYTES = 16 * 1024
# Request line, headers, trailers and the framing of chunks; a body may be framed in chunks of a few bytes.
MAX_HEAD = 64 * 1024
FRAMING = 8
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Connection(Protocol):
    """What the connections of a service know of one."""

    transport: asyncio.Transport
    client: tuple[str, int] | None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""


class Connections:
    """The open connections of a service. Where there are too many, the client with the most gives one up, idle for longest.

    A trusted proxy carries the connections of many clients and is not counted by address.
    """

    def __init__(self, of_address: int, total: int, proxies: Collection[str] = (), service: str = "") -> None:
        self._service = service
        self._total = total
        self._proxies = proxies
        self._by_address = Allowance(of_address, 2 * total)
        self._open: dict[Connection, str | None] = {}
        # Of each client in the order in which they were opened.
        self._of_client: dict[str | None, dict[Connection, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Connection) -> Refusal | None:
        """Count a new connection; return None, or which bound refuses it."""
        key = client_key(connection.client)
        counted = None if connection.client is None or key in self._proxies or "*" in self._proxies else key
        if counted is not None and (refusal := self._by_address.take(counted)):
            return refusal
        if len(self._open) >= self._total and not self._drop_idle():
            if counted is not None:
                self._by_address.give_back(counted)
            return Refusal.TOTAL
        self._open[connection] = counted
        self._of_client[counted][connection] = None
        return None

    def leave(self, connection: Connection) -> None:
        """Forget a connection."""
        if connection not in self._open:
            return
        counted = self._open.pop(connection)
        del self._of_client[counted][connection]
        if not self._of_client[counted]:
            del self._of_client[counted]
        if counted is not None:
            self._by_address.give_back(counted)

    def count(self, refusal: Refusal) -> None:
        """Count a connection that was refused."""
        LIMITS_REACHED.labels(self._service, "connections", refusal.value).inc()

    def _drop_idle(self) -> bool:
        """Drop a connection of the client with the most: who has few keeps them while another fills the service."""
        by_number = sorted(self._of_client.values(), key=len, reverse=True)
        idle = next((each for connections in by_number for each in connections if each.is_idle), None)
        if idle is None:
            return False
        self.leave(idle)
        idle.transport.abort()
        return True


if TYPE_CHECKING:

    class _Base(asyncio.Protocol):
        """What uvicorn's two protocols have in common."""

        loop: asyncio.AbstractEventLoop
        transport: asyncio.Transport
        client: tuple[str, int] | None
        cycle: Any

        def on_response_complete(self) -> None: ...

else:
    _Base = object


class GuardedConnection(_Base):
    """A protocol of uvicorn that is counted, waits for a head for `HEAD_S`, and does not write to who does not read."""

    guard: Connections
    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, or refuse it."""
        super().connection_made(transport)
        if refusal := self.guard.admit(self):
            self.guard.count(refusal)
            self.transport.write(REFUSED)
            self.transport.close()
            return
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read, and wait for the rest of a head no longer than `HEAD_S`."""
        super().data_received(data)
        if not self.transport.is_closing():
            self._watch_head()

    def on_response_complete(self) -> None:
        """Close the connection soon where the body of the request is still arriving."""
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if self.is_receiving_body():
            self.loop.call_later(LINGER_S, self.transport.abort)
        elif self.is_receiving_head():
            self._watch_head()

    def is_receiving_head(self) -> bool:
        """Return whether a part of a request's head has arrived."""
        raise NotImplementedError

    def is_receiving_body(self) -> bool:
        """Return whether the body of a request is not complete yet."""
        raise NotImplementedError

    def pause_writing(self) -> None:
        """Give a client that does not read `STALL_S` to go on."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """Go on writing."""
        if self._stall_timer:
            self._stall_timer.cancel()
            self._stall_timer = None
        super().resume_writing()

    def release(self) -> None:
        """Stop counting and watching the connection."""
        self.guard.leave(self)
        for timer in (self._head_timer, self._stall_timer):
            if timer:
                timer.cancel()
        self._head_timer = self._stall_timer = None

    def _watch_head(self) -> None:
        if not self.is_idle:
            if self._head_timer:
                self._head_timer.cancel()
                self._head_timer = None
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_S, self.transport.abort)

    def _watch_writing(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._stall_timer = self.loop.call_later(STALL_S, self._drop_stalled, waiting)

    def _drop_stalled(self, waited: int) -> None:
        if self.transport.get_write_buffer_size() > waited - STALL_BYTES:
            self.transport.abort()
        else:
            self._watch_writing()
