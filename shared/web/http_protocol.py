"""The HTTP/1.1 protocol of a service under uvicorn: httptools, and h11 for a client that offers HTTP/2.

Java's HttpClient and `curl --http2` offer an upgrade to HTTP/2 (`Upgrade: h2c`) with their first request. A server may ignore
the offer (RFC 9110, 7.8); httptools stops parsing at it instead, so that the body is lost (MagicStack/httptools#124,
Kludex/uvicorn#2722). h11 ignores it: the connection goes on with h11, from this request.

uvicorn bounds how long a connection is idle between requests. The rest is here and in `shared.web.connections`: httptools reads
heads of any length, and nothing ends a request whose head never ends.
"""

from __future__ import annotations

from typing import Any

import h11
import httptools
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.web.connections import FRAMING, HEAD_TOO_LARGE, MAX_HEAD, Connections, GuardedConnection

CONNECTIONS_OF_ADDRESS = 200
CONNECTIONS = 1_000
# Requests that a client may send before it has read the responses to the earlier ones.
MAX_PIPELINE = 16


class GuardedH11(GuardedConnection, H11Protocol):
    """h11, which bounds heads itself."""

    def __init__(self, guard: Connections, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.guard = guard

    def is_receiving_head(self) -> bool:
        """Return whether a part of a request's head has arrived."""
        return bool(self.conn.trailing_data[0])

    def is_receiving_body(self) -> bool:
        """Return whether the body of a request is not complete yet."""
        return self.conn.their_state is h11.SEND_BODY


class HttpProtocol(GuardedConnection, HttpToolsProtocol):
    """httptools until a request offers an upgrade, then h11."""

    def __init__(self, *, guard: Connections | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.guard = Connections(CONNECTIONS_OF_ADDRESS, CONNECTIONS) if guard is None else guard
        self._in_head = self._in_body = False
        # Bytes since the last message began, and how many of them may be there: a head, and a body in small chunks.
        self._arrived = 0
        self._permitted = MAX_HEAD

    def is_receiving_head(self) -> bool:
        """Return whether a part of a request's head has arrived."""
        return self._in_head

    def is_receiving_body(self) -> bool:
        """Return whether the body of a request is not complete yet."""
        return self._in_body

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._in_head = True
        self._arrived, self._permitted = 0, MAX_HEAD
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin the request, unless the client has too many waiting already."""
        self._in_head, self._in_body = False, True
        if len(self.pipeline) >= MAX_PIPELINE:
            self.transport.abort()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._permitted += FRAMING * len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._in_body = False
        self._arrived, self._permitted = 0, MAX_HEAD
        super().on_message_complete()

    def _should_upgrade(self) -> bool:
        """Return True, so that no request with an offer is begun here."""
        return True

    def data_received(self, data: bytes) -> None:
        """Parse, or hand the connection over where the headers end with an offer."""
        self._unset_keepalive_if_required()
        self._arrived += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._hand_over(data[offer.args[0] :])
            return
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
            return
        if self.transport.is_closing():
            return
        if self._arrived > self._permitted + len(data):
            self.transport.write(HEAD_TOO_LARGE)
            self.transport.close()
            return
        self._watch_head()

    def _hand_over(self, body: bytes) -> None:
        """Give the connection to h11, with the head of the request as it was parsed and what follows it."""
        if self.cycle is not None and not self.cycle.response_complete:
            # The request before is still being answered: h11 cannot wait for it. No client pipelines behind an offer.
            self.cycle.keep_alive = False
            return
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        head += (part for name, value in self.headers if name != b"upgrade" for part in (name, b": ", value, b"\r\n"))
        successor = GuardedH11(self.guard, config=self.config, server_state=self.server_state, app_state=self.app_state)
        self.connections.discard(self)
        self.release()
        successor.connection_made(self.transport)
        self.transport.set_protocol(successor)
        successor.data_received(b"".join((*head, b"\r\n", body)))
