"""A route reads no more than it declares, and waits no longer than an honest client takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message

from shared.web import bodies
from shared.web.allowance import Allowance, Refusal, client_key
from shared.web.bodies import DEFAULT_BODY, BodyMiddleware, BodyPace, accept_body

LARGE = 4 * DEFAULT_BODY
QUICK = BodyPace(silence_s=0.05, grace_s=0.2, bytes_per_s=1_000_000)


def create_app(large: Allowance | None = None) -> FastAPI:
    app = FastAPI()

    @app.post("/small")
    @app.post("/large", dependencies=[Depends(accept_body(LARGE))])
    async def count(request: Request) -> int:
        return len(await request.body())

    @app.post("/anybody", dependencies=[Depends(accept_body(LARGE, from_strangers=True))])
    async def count_of_stranger(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyMiddleware, pace=QUICK, large=large)
    return app


async def send(app: FastAPI, path: str, parts: Iterator[bytes | float], *, length: int | None = None) -> tuple[int, int]:
    """Return the status, and how many parts of the body were read; a number is a pause in seconds, the end is silence."""
    read = 0
    lengths = [(b"transfer-encoding", b"chunked")] if length is None else [(b"content-length", b"%d" % length)]
    statuses: list[int] = []

    async def receive() -> Message:
        nonlocal read
        for part in parts:
            if isinstance(part, float):
                await asyncio.sleep(part)
                continue
            read += 1
            return {"type": "http.request", "body": part, "more_body": part != b""}
        await asyncio.Event().wait()
        raise AssertionError

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": lengths, "http_version": "1.1", "scheme": "http", "client": ("192.0.2.1", 1),
    }  # fmt: skip
    await app(scope, receive, answer)
    return statuses[0], read


@pytest.mark.parametrize(("path", "limit"), [("/small", DEFAULT_BODY), ("/large", LARGE)])
async def test_a_declared_length_over_the_limit_of_its_route_is_refused_unread(path: str, limit: int) -> None:
    app = create_app()

    assert await send(app, path, iter([b"x", b""]), length=limit + 1) == (413, 0)
    assert (await send(app, path, iter([b"x" * limit, b""]), length=limit))[0] == 200


@pytest.mark.parametrize(("path", "limit"), [("/small", DEFAULT_BODY), ("/large", LARGE)])
async def test_chunks_are_counted_while_they_are_read(path: str, limit: int) -> None:
    endless = iter(lambda: b"x" * 1024, b"")

    assert await send(create_app(), path, endless) == (413, limit // 1024 + 1)


async def test_a_length_that_lies_is_counted_too() -> None:
    assert (await send(create_app(), "/small", iter(lambda: b"x" * 1024, b""), length=1))[0] == 413


async def test_a_client_that_goes_silent_times_out() -> None:
    assert (await send(create_app(), "/small", iter([b"x"])))[0] == 408


async def test_a_client_that_drips_times_out() -> None:
    def drip() -> Iterator[bytes | float]:
        while True:
            yield 0.02
            yield b"x"

    assert (await send(create_app(), "/small", drip()))[0] == 408


async def test_an_honest_client_may_take_its_time_between_parts() -> None:
    assert (await send(create_app(), "/small", iter([b"x", 0.02, b"y", 0.02, b""])))[0] == 200


async def test_large_bodies_together_are_bounded_and_what_they_took_comes_back() -> None:
    app = create_app(Allowance(2 * LARGE, 2 * LARGE))
    waiting = [asyncio.create_task(send(app, "/large", iter([b"x"]))) for _ in range(2)]
    await asyncio.sleep(0)

    assert (await send(app, "/large", iter([b""])))[0] == 429
    assert (await send(app, "/small", iter([b""])))[0] == 200
    assert [(await task)[0] for task in waiting] == [408, 408]
    assert (await send(app, "/large", iter([b""])))[0] == 200


async def test_the_body_comes_back_where_a_handler_fails() -> None:
    large = Allowance(LARGE, LARGE)
    app = create_app(large)

    @app.post("/failing", dependencies=[Depends(accept_body(LARGE))])
    async def fail(request: Request) -> None:
        await request.body()
        raise HTTPException(400)

    assert (await send(app, "/failing", iter([b""])))[0] == 400
    assert large.taken == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.booleans())))
def test_an_allowance_never_grants_more_than_its_bounds(steps: list[tuple[str, int, bool]]) -> None:
    allowance = Allowance(6, 10)
    granted: list[tuple[str, int]] = []
    for client, amount, give_back in steps:
        if give_back and granted:
            allowance.give_back(*granted.pop())
        mine = sum(size for name, size in granted if name == client)
        everybody = sum(size for _, size in granted)
        expected = Refusal.CLIENT if mine + amount > 6 else Refusal.TOTAL if everybody + amount > 10 else None
        assert allowance.take(client, amount) is expected
        if expected is None:
            granted.append((client, amount))
        assert allowance.taken == sum(size for _, size in granted)


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_a_client_is_an_address_or_a_network_of_the_sixth_version(one: str, another: str, *, same: bool) -> None:
    assert (client_key((one, 1)) == client_key((another, 2))) is same


async def test_what_strangers_send_in_large_bodies_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "STRANGERS_BURST", 2 * LARGE)
    app = create_app()

    answers = [await send(app, "/anybody", iter([b"x" * LARGE, b""]), length=LARGE) for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert answers[2][1] == 0
    # Small ones take nothing of it, and who has a key or a session has none.
    assert (await send(app, "/anybody", iter([b"x" * DEFAULT_BODY, b""]), length=DEFAULT_BODY))[0] == 200
    assert (await send(app, "/large", iter([b"x" * LARGE, b""]), length=LARGE))[0] == 200
