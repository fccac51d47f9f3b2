"""Requests under a host name that is not ours are refused: a foreign name that leads here is an attempt (DNS rebinding)."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.settings import Settings
from shared.web.concurrency import PROBES
from shared.web.i18n import _
from shared.web.problems import respond_with_problem

UNKNOWN_HOST = _("这个域名不是本系统的地址。")
LOCAL = frozenset({"localhost"})


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Return the names under which the services answer; `*` is any."""
    named = (each.strip().lower() for each in settings.allowed_hosts.split(","))
    configured = (urlsplit(settings.public_url).hostname or "", settings.host.lower())
    return LOCAL | {name for name in (*named, *configured) if name}


class HostMiddleware:
    """Answers 421 under a name that is not allowed. An address is no name: nobody else's page can have it."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in PROBES or self._is_allowed(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, send)
            return
        response = respond_with_problem(Request(scope), HTTPStatus.MISDIRECTED_REQUEST, "unknown_host", UNKNOWN_HOST)
        await response(scope, receive, send)

    def _is_allowed(self, host: str) -> bool:
        if "*" in self._allowed or not host:
            return True
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in self._allowed or bool(ip_address(name))
        except ValueError:
            return False
