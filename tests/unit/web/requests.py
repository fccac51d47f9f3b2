"""Requests without a server."""

from __future__ import annotations

from starlette.requests import Request


def request(address: str, headers: dict[str, str] | None = None) -> Request:
    path, _, query = address.partition("?")
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("gongshi.example", 80),
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        }
    )
