"""Texts that no honest person writes, and a walk over the pages and files of a service that looks for what became of them.

`MARK` stands in every text and nowhere else, so that whatever acts and holds it was made of a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.active_parts import active_parts
from tests.asgi import send_request
from tests.hostile import fill_path, service_routes

MARK = "zq9mark"
ACCEPT = ("application/json", "text/html,*/*;q=0.8")
# Markup, a formula, a template, an address that is a script, the end of a CDATA section: characters that a text may hold.
ACTIVE = (
    f"=1+1<script>{MARK}()</script><img src=x onerror={MARK}()>\"' onload={MARK}() {{{{7*7}}}}{{%7%}}${{7*7}}"
    f"&lt;b&gt;]]><![CDATA[javascript:{MARK}()"
)
# The same where a name may have a hundred characters.
SHORT = f"=1+1<script>{MARK}()</script><img src=x onerror={MARK}()>\"' {{{{7*7}}}}"
# What a text may not hold: NUL, what XML cannot hold, another order than it is stored in, half a character, a noncharacter.
FORBIDDEN = tuple(
    f"=1+1<b>{MARK}{each}"
    for each in ("\x00", "\x08", "\x1b[31m", "\x85", "\u202e", "\u2067", "\ud800", "\ufffe", "\U0010ffff")
)
LONG = f"@{MARK}" * 20_000
# Beyond every column, every float, and what a number is.
NUMBERS = (2**31, 2**63, -(2**63) - 1, 10**40, 1e308, -1, 0)
VALUES: tuple[Any, ...] = (ACTIVE, *FORBIDDEN, LONG, *NUMBERS, None, [], {MARK: MARK}, True)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found: responses with a fault or something that acts, and in how many of each type a text stood."""

    faults: list[str]
    shown_in: Counter[str]


def altered(document: dict[str, Any], values: tuple[Any, ...] = VALUES) -> Iterator[dict[str, Any]]:
    """Yield the document with each of its fields, those within fields too, set to each of the values."""
    for field, inner in document.items():
        yield from ({**document, field: value} for value in values)
        if isinstance(inner, dict):
            yield from ({**document, field: changed} for changed in altered(inner, values))


async def walk_texts(
    app: FastAPI,
    readers: Mapping[str, Mapping[str, str]],
    places: Mapping[str, str],
    queries: tuple[str, ...] = (),
    *,
    skip: Callable[[APIRoute], bool] = lambda _: False,
) -> Walk:
    """Read every page and file of a service as each of the readers, by name with the headers that make them known.

    `places` are the values of the parameters in addresses; each address is also read with each of the queries.
    """
    walk = Walk([], Counter())
    routes = [route for route in service_routes(app) if "GET" in route.methods and not skip(route)]
    for route, (who, headers), accept in product(routes, readers.items(), ACCEPT):
        path = fill_path(route, places)
        for address in (path, *(f"{path}?{query}" for query in queries)):
            response = await send_request(app, "GET", address, {"accept": accept, **headers})
            kind = response.headers.get("content-type", "").partition(";")[0]
            if MARK in response.body.decode(errors="replace"):
                walk.shown_in[kind] += 1
            faults = [*active_parts(kind, response.body, MARK), *(["fails"] if response.status >= 500 else [])]
            walk.faults.extend(f"{who or 'anybody'} {address} as {kind} {response.status}: {fault}" for fault in faults)
    return walk
