"""A walk over every route of a service with every parameter set to values that no honest client sends.

The parameters are those that FastAPI resolves, so a new route is in the walk without a line here. `violations` returns
what a service must never answer: a fault of its own, an error without a problem document, a line in the error log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import quote_plus

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from structlog.testing import capture_logs

from tests.asgi import RawResponse, send_request

# As they stand in an address, percent-encoded.
VALUES = (
    "%00", "a%00b", "%0D%0A", "%1B%5B31m", "%7F", "%C2%85",
    "%ED%A0%80", "%ED%BF%BF", "%FF", "%C0%80", "%CD%B6%CB%DF", "%EF%BF%BE",
    "", "%20", "%E3%80%80", "%E2%80%AE%E2%80%8F", "%F0%9F%98%80", "%EF%BC%91%EF%BC%92", "%D9%A3",
    str(2**31), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(10**40), "9" * 5000, "-1", "0", "00", "1e400", "1.5",
    "NaN", "Infinity", "true", "null", "0x10", "1_000", "a" * 10_000,
    "%25", "%27%3B--", "%5C", "%25_", "..%2F..%2Fetc%2Fpasswd", "..", "%2E%2E", "%3Cscript%3E", "%7B%7B7*7%7D%7D", "*", "()",
    "0000-00-00", "2026-02-30", "9999-12-31", "2026-10", "2026-13", "10000-01", "2026-Q9", "99999999d", "2026-10-01T00:00:00%2B99:00",
    "00000000-0000-0000-0000-000000000000", "eyJhIjoxfQ", "W10", "bnVsbA%3D%3D", "a%2Cb%2C", "zh-Hans",
)  # fmt: skip
HEADERS = (
    ("accept", "\xff,text/html;q=x"), ("accept-language", "en;q=nan"), ("accept-language", "q=1e999,;;\xff"),
    ("cookie", "lang=\xff; gongshi_session=\xff"), ("cookie", '=;;=,"gongshi_session=\\'), ("cookie", "gongshi_session=" + "a" * 9_000),
    ("authorization", "Bearer"), ("authorization", "Bearer \xff"), ("authorization", "Basic !!!"),
    ("last-event-id", "\xff"), ("last-event-id", "9" * 5_000), ("if-none-match", '"x", W/'), ("if-modified-since", "Thu, 99 Foo"),
    ("range", "bytes=9-1,-"), ("origin", "http://["), ("host", "["), ("x-forwarded-host", "[\xff"), ("content-length", "x"),
)  # fmt: skip
PLAIN = "x"
# Asked in turn: a fault is one whatever it is told in.
ACCEPTS = ("application/json", "text/html,*/*;q=0.8")
BODIES: Mapping[str, tuple[bytes, ...]] = {
    "application/x-www-form-urlencoded": (
        b"", b"&&==&", b"%zz=%zz", b"a=%00", b"a" * 100_000, b"\xff\xfe=\xff", b"=".join([b"a"] * 2_000), b"a&" * 2_000,
    ),
    "multipart/form-data; boundary=x": (
        b"", b"--x", b"garbage", b"--y\r\n", b"--x\r\n\r\n\r\n--x--", b"--x\r\n: \r\n\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="evidence"; filename="a\x00b.pdf"\r\n\r\n%PDF-\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="evidence"\r\n\r\nno file\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="item"; filename="item"\r\n\r\nGS-2026-000001\r\n--x--\r\n',
    ),
    "multipart/form-data": (b"--x",),
    "multipart/form-data; boundary=x; charset=undefined": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--',),
    "application/json": (b"", b"{", b"null", b"[]", b'{"a":"\\ud800"}', b"1" * 5_000, b"[" * 100_000, b"\xff", b'{"a":NaN}'),
    "text/plain": (b"x",),
    "": (b"x",),
    "\xe9/;=": (b"x",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """One request of the walk."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


def service_routes(app: FastAPI) -> list[APIRoute]:
    """Return every route of a service, those of routers within routers too."""
    return list(_find_routes(app.router.routes))


def _find_routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        router: APIRouter | None = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            yield route
        elif router is not None:
            yield from _find_routes(router.routes)


def hostile_requests(routes: Iterable[APIRoute], known: Mapping[str, str]) -> Iterator[HostileRequest]:
    """Yield the requests: each parameter, header and body of each route with each value.

    The other parameters of a path have the values of `known`, so that a route is left by its own way and not by the
    first thing that it does not find.
    """
    for route in routes:
        method = min(route.methods)
        for target in _targets(route, known):
            yield HostileRequest(method, target, {})
        yield from (HostileRequest(method, fill_path(route, known), {name: value}) for name, value in HEADERS)
        if method != "GET":
            yield from _with_bodies(method, route, known)


def session_routes(desk: str) -> list[str]:
    """Return the routes of a desk that begin or end a session: a walk as staff would go on as a stranger after them."""
    return [f"{desk}/{name}" for name in ("sign-in", "sign-out", "account/sign-out-everywhere")]


async def violations(
    app: FastAPI,
    headers: Mapping[str, str],
    *,
    known: Mapping[str, str] | None = None,
    under: str = "/",
    skipped: Collection[str] = (),
) -> list[str]:
    """Return what the service answered wrongly to the walk.

    `headers` are sent with every request, `accept` by turns for JSON and a page where they do not say it; only routes whose path begins with `under` are walked, but not the `skipped`.
    """
    found = []
    routes = [route for route in service_routes(app) if route.path.startswith(under) and route.path not in skipped]
    for request, accept in zip(hostile_requests(routes, known or {}), cycle(ACCEPTS), strict=False):
        with capture_logs() as lines:
            try:
                response = await send_request(
                    app, request.method, request.target, {"accept": accept, **headers, **request.headers}, request.body
                )
            except Exception as error:
                found.append(_tell(request, f"raises {error!r}"))
                continue
        found += [_tell(request, fault) for fault in (*_faults(response, lines), *_undeclared(app, request, response))]
    return found


def _undeclared(app: FastAPI, request: HostileRequest, response: RawResponse) -> Iterator[str]:
    """Yield what the OpenAPI document does not say of the response, for the operations that it describes."""
    route = next((route for route in service_routes(app) if route.path == request.target.partition("?")[0]), None)
    if route is None or not route.include_in_schema:
        return
    responses = app.openapi()["paths"][route.path][request.method.lower()]["responses"]
    declared = responses.get(str(response.status))
    kind = response.headers.get("content-type", "").partition(";")[0]
    if declared is None:
        yield f"answers {response.status}, which is not declared"
    elif kind and kind not in declared.get("content", {kind: None}):
        yield f"answers {response.status} as {kind}, which is not declared"


def _faults(response: RawResponse, lines: list[Any]) -> Iterator[str]:
    if response.status >= 500:
        yield f"answers {response.status}"
    kind = response.headers.get("content-type", "")
    if response.status >= 400 and not kind.startswith(("application/problem+json", "text/html")):
        yield f"answers {response.status} as {kind or 'nothing'}"
    faults = [line for line in lines if line["log_level"] in ("warning", "error", "critical")]
    # Who watches over the system is told of a failed sign-in; it is no fault of the service.
    yield from (f"logs {line['event']}" for line in faults if line["event"] != "security_event")


def _tell(request: HostileRequest, fault: str) -> str:
    return f"{request.method} {request.target[:120]} {dict(request.headers)} {request.body[:60]!r}: {fault}"


def _targets(route: APIRoute, known: Mapping[str, str]) -> Iterator[str]:
    path = fill_path(route, known)
    for name in route.param_convertors:
        yield from (fill_path(route, {**known, name: value}) for value in VALUES)
    for name in query_names(route.dependant):
        yield from (f"{path}?{name}={value}" for value in VALUES)
        yield from (f"{path}?{name}={PLAIN}&{name}={value}" for value in VALUES[:3])
    yield path
    yield from (f"{path}?{value}={value}" for value in VALUES[:8])


def fill_path(route: APIRoute, values: Mapping[str, str]) -> str:
    """Return the path of a route with its parameters; those that the route's function does not take itself too."""
    return route.path.format(**{name: values.get(name, PLAIN) for name in route.param_convertors})


def query_names(dependant: Dependant) -> Iterator[str]:
    """Yield the names of the parameters of a query, those of dependencies too."""
    yield from (field.alias for field in dependant.query_params)
    for dependency in dependant.dependencies:
        yield from query_names(dependency)


def _with_bodies(method: str, route: APIRoute, known: Mapping[str, str]) -> Iterator[HostileRequest]:
    path = fill_path(route, known)
    for kind, bodies in BODIES.items():
        yield from (HostileRequest(method, path, {"content-type": kind} if kind else {}, body) for body in bodies)
    names = [field.alias for field in route.dependant.body_params]
    for name in names:
        for value in VALUES:
            fields = dict.fromkeys(names, PLAIN) | {name: value}
            body = "&".join(f"{quote_plus(key)}={text}" for key, text in fields.items()).encode()
            yield HostileRequest(method, path, {"content-type": "application/x-www-form-urlencoded"}, body)
