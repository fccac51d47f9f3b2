"""The HTTP/1.1 protocol of a service under uvicorn: httptools, and h11 for a client that offers HTTP/2.

Java's HttpClient and `curl --http2` offer an upgrade to HTTP/2 (`Upgrade: h2c`) with their first request. A server may ignore
the offer (RFC 9110, 7.8); httptools stops parsing at it instead, so that the body is lost (MagicStack/httptools#124,
Kludex/uvicorn#2722). h11 ignores it: the connection goes on with h11, from this request.
"""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HttpProtocol(HttpToolsProtocol):
    """httptools until a request offers an upgrade, then h11."""

    def _should_upgrade(self) -> bool:
        """Return True, so that no request with an offer is begun here."""
        return True

    def data_received(self, data: bytes) -> None:
        """Parse, or hand the connection over where the headers end with an offer."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._hand_over(data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def _hand_over(self, body: bytes) -> None:
        """Give the connection to h11, with the head of the request as it was parsed and what follows it."""
        if self.cycle is not None and not self.cycle.response_complete:
            # The request before is still being answered: h11 cannot wait for it. No client pipelines behind an offer.
            self.cycle.keep_alive = False
            return
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        head += (part for name, value in self.headers if name != b"upgrade" for part in (name, b": ", value, b"\r\n"))
        successor = H11Protocol(config=self.config, server_state=self.server_state, app_state=self.app_state)
        self.connections.discard(self)
        successor.connection_made(self.transport)
        self.transport.set_protocol(successor)
        successor.data_received(b"".join((*head, b"\r\n", body)))
