"""Cookies of staff are for this host, HTTP and TLS only where there is TLS, and signing out leaves nothing in the browser."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from shared.accounts import Person, Role, SignedIn
from shared.service import Service
from shared.settings import Settings
from shared.web.app import create_web
from shared.web.cookies import DEVICE_COOKIE, SESSION_COOKIE, read_cookie
from shared.web.sign_in import _admit, local_path
from shared.web.templating import Pages
from tests.asgi import send_request
from tests.unit.web.sample.pages import SAMPLE, SITE


def ask(scheme: str, cookie: str = "") -> Request:
    headers = [(b"host", b"gongshi.test"), (b"cookie", cookie.encode())]
    return Request({"type": "http", "scheme": scheme, "method": "GET", "path": "/", "query_string": b"", "headers": headers})


def set_cookies(response: Response) -> dict[str, set[str]]:
    """Return the attributes of each cookie that a response sets, by name."""
    lines = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    return {line.partition("=")[0]: {part.strip() for part in line.split(";")[1:]} for line in lines}


@pytest.mark.parametrize(("scheme", "prefix"), [("https", "__Host-"), ("http", "")])
def test_a_session_is_in_a_cookie_of_this_host_that_no_script_reads(scheme: str, prefix: str) -> None:
    response = _admit(ask(scheme), Response(), SignedIn(Person("zhou", "周宁", Role.REVIEWER), "token", "device"))

    cookies = set_cookies(response)
    assert cookies.keys() == {prefix + SESSION_COOKIE, prefix + DEVICE_COOKIE}
    for attributes in cookies.values():
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= attributes
        assert ("Secure" in attributes) == (scheme == "https")
        assert not any(attribute.startswith("Domain") for attribute in attributes)


def test_over_tls_only_the_cookie_with_the_prefix_is_read() -> None:
    both = f"{SESSION_COOKIE}=tossed; __Host-{SESSION_COOKIE}=own"

    assert read_cookie(ask("https", both), SESSION_COOKIE) == "own"
    assert read_cookie(ask("https", f"{SESSION_COOKIE}=tossed"), SESSION_COOKIE) == ""
    assert read_cookie(ask("http", f"{SESSION_COOKIE}=own"), SESSION_COOKIE) == "own"


async def test_signing_out_leaves_nothing_in_the_browser() -> None:
    app: FastAPI = create_web(Service("publisher", lambda _: None), Settings(), Pages(SAMPLE, SITE), [])  # type: ignore[arg-type, return-value]

    app.state.database = None
    response = await send_request(app, "POST", "/desk/sign-out", {"host": "localhost"}, scheme="https")

    assert response.status == 303
    assert response.headers["clear-site-data"] == '"cache", "storage"'
    assert response.headers["set-cookie"].startswith(f'__Host-{SESSION_COOKIE}=""')
    assert "Max-Age=0" in response.headers["set-cookie"]


@pytest.mark.parametrize(
    "target", ["//elsewhere.test", "https://elsewhere.test", "/\\elsewhere.test", "elsewhere", "/a\nb", ""]
)
def test_nobody_is_led_to_another_host_after_the_sign_in(target: str) -> None:
    assert local_path(target, "/desk") == "/desk"
    assert local_path("/desk/items/1?x=2", "/desk") == "/desk/items/1?x=2"
