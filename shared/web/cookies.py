"""Cookies of staff. Over TLS they have the prefix with which browsers take them from this host alone, and by TLS only."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response

SESSION_COOKIE = "gongshi_session"
# Says in which browser somebody has signed in, not who is signed in.
DEVICE_COOKIE = "gongshi_device"
# RFC 6265bis, 4.1.3.2. A neighbour of the host, or whoever answers for it without TLS, cannot set such a cookie.
PREFIX = "__Host-"


def cookie_name(request: Request, name: str) -> str:
    """Return what a cookie is called on the way that a request came."""
    return PREFIX + name if _is_secure(request) else name


def read_cookie(request: Request, name: str) -> str:
    """Return the value of a cookie; empty where there is none."""
    return request.cookies.get(cookie_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, length: timedelta) -> None:
    """Set a cookie for so long."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=int(length.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def end_session_in_browser(request: Request, response: Response) -> None:
    """Delete the cookie of the session, and let the browser forget what it has kept of the pages."""
    name, secure = cookie_name(request, SESSION_COOKIE), _is_secure(request)
    response.delete_cookie(name, httponly=True, samesite="lax", secure=secure)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
