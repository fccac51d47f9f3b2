"""Sending by HTTP to addresses that strangers chose: only where the network is the public one, and no further than that.

The name is resolved here and the address that was looked at is the one that is dialled, so that no second answer of a name
server leads inside. Redirections are not followed, the environment's proxies not used, and of an answer little is read.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

import httpcore2
from httpcore2 import AsyncNetworkBackend, AsyncNetworkStream

from services.publisher.domain.delivery import Network, Reply, is_dialable
from shared.clock import now
from shared.errors import PermanentError

TIMEOUT_S = 15.0
MAX_CONNECTIONS = 100
# An answer is its status; what else it says is read so far and then left.
MAX_ANSWER = 64 * 1024
USER_AGENT = "gongshi-publisher"


class AddressRefused(PermanentError):
    """The name leads to an address inside."""


class GuardedBackend(AsyncNetworkBackend):
    """Resolves a name, looks at every address, and dials only those that were looked at."""

    def __init__(self, inside: tuple[Network, ...] = ()) -> None:
        self._inside = inside
        self._backend: AsyncNetworkBackend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ASYNC109 its interface
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:  # fmt: skip
        """Connect to an address of the host. Raises `AddressRefused` where one of them is inside."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError("the name is not known") from error
        addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        if not addresses or not all(is_dialable(ip_address(address), self._inside) for address in addresses):
            raise AddressRefused
        failure: Exception = httpcore2.ConnectError("no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class HttpSender:
    """Sends by HTTP within `timeout_s` in all; `inside` are networks that are allowed beside the public one."""

    def __init__(self, inside: tuple[Network, ...] = (), timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._pool = httpcore2.AsyncConnectionPool(
            max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS, keepalive_expiry=30.0,
            network_backend=GuardedBackend(inside),
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._pool.aclose()

    async def post(self, address: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Post the content; return the status, or the code of what went wrong. It raises nothing."""
        return await self.request("POST", address, content, headers)

    async def request(self, method: str, address: str, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a request of any method; what `post` does."""
        reply, _ = await self.exchange(method, address, content, headers)
        return reply

    async def exchange(self, method: str, address: str, content: bytes, headers: Mapping[str, str]) -> tuple[Reply, bytes]:
        """Send a request; return the reply, and of the body what is up to `MAX_ANSWER` long."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                status, retry_after, body = await self._send(method, address, content, {"user-agent": USER_AGENT, **headers})
        except TimeoutError:
            reply, body = Reply(error="timeout"), b""
        except AddressRefused:
            reply, body = Reply(error="address_refused", was_sent=False), b""
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            reply, body = Reply(error=_code_of(error), was_sent=False), b""
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, OSError) as error:
            reply, body = Reply(error=_code_of(error)), b""
        except (httpcore2.UnsupportedProtocol, ValueError, UnicodeError):
            reply, body = Reply(error="address_invalid", was_sent=False), b""
        else:
            reply = Reply(status, retry_after_s=retry_after)
        taken = int((time.monotonic() - started) * 1_000)
        return replace(reply, milliseconds=taken), body

    async def _send(
        self, method: str, address: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, float | None, bytes]:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        url = httpcore2.URL(address)
        pairs.append((b"content-length", str(len(content)).encode()))
        host = url.host + (b":%d" % url.port if url.port is not None else b"")
        async with self._pool.stream(method, url, headers=[(b"host", host), *pairs], content=content) as response:
            body = b""
            async for chunk in response.aiter_stream():
                body += chunk[: MAX_ANSWER - len(body)]
                if len(body) >= MAX_ANSWER:
                    break
            return response.status, _retry_after(response.headers), body


def _code_of(error: Exception) -> str:
    if isinstance(error, httpcore2.TimeoutException):
        return "timeout"
    return "protocol" if isinstance(error, httpcore2.ProtocolError) else "unreachable"


def _retry_after(headers: list[tuple[bytes, bytes]]) -> float | None:
    """Return the seconds of a `Retry-After` (RFC 9110, 10.2.3), None where there is none that can be read."""
    text = next((value.decode("latin-1").strip() for name, value in headers if name.lower() == b"retry-after"), "")
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds()) if text else None
    except (ValueError, TypeError):
        return None
