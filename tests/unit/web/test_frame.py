"""What the frame of every service answers on behalf of the routes: HEAD, unreadable addresses, wrong methods, big bodies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import asyncpg
import pytest
from fastapi import APIRouter, FastAPI, Form, HTTPException
from fastapi.responses import StreamingResponse
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.service import Service
from shared.settings import Settings
from shared.text import has_forbidden
from shared.web.app import create_web
from shared.web.bodies import DEFAULT_BODY
from shared.web.parameters import Int32, PlainText, is_storable
from shared.web.templating import Pages
from tests.asgi import RawResponse, send_request
from tests.unit.web.sample.pages import SAMPLE, SITE

PROBLEM = "application/problem+json"
HTML = {"accept": "text/html"}
router = APIRouter()


@router.get("/echo/{word}")
async def echo(word: str, q: str = "", number: Int32 = 0) -> dict[str, object]:
    return {"word": word, "q": q, "number": number}


@router.post("/echo/{word}")
async def change(word: str, text: Annotated[PlainText, Form(max_length=20)]) -> dict[str, str]:
    return {"word": word, "text": text}


@router.get("/stream")
async def stream() -> StreamingResponse:
    async def ticks() -> AsyncIterator[bytes]:
        yield b"first\n"
        await asyncio.Event().wait()

    return StreamingResponse(ticks(), headers={"X-Kind": "stream"})


@router.get("/gone")
async def gone() -> None:
    raise HTTPException(410)


@router.get("/refused")
async def refused() -> None:
    raise asyncpg.DataError("value out of int32 range")


@router.get("/divided")
async def divided() -> None:
    raise asyncpg.DivisionByZeroError("division by zero")


@router.get("/violated")
async def violated() -> None:
    error = asyncpg.CheckViolationError("new row violates check constraint")
    error.detail = "Failing row contains (林嘉, 13900000000)."
    raise error


@pytest.fixture(scope="module")
def app() -> FastAPI:
    async def prepare(_: object) -> tuple[()]:
        return ()

    return create_web(Service("publisher", prepare), Settings(), Pages(SAMPLE, SITE), [router])


async def test_head_has_the_status_and_headers_of_get_and_no_body(app: FastAPI) -> None:
    got = await send_request(app, "GET", "/echo/a?number=3")
    head = await send_request(app, "HEAD", "/echo/a?number=3")

    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("target", ["/stream", "/openapi.json", "/static/0123456789abcdef/look.css", "/gone", "/nothing"])
async def test_head_ends_for_every_address(app: FastAPI, target: str) -> None:
    head = await asyncio.wait_for(send_request(app, "HEAD", target), 60)

    assert head.status in (200, 404, 410)
    assert head.body == b""


async def test_head_of_a_stream_has_its_headers(app: FastAPI) -> None:
    assert (await send_request(app, "HEAD", "/stream")).headers["x-kind"] == "stream"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/echo/a%00b", "nul_character"),
        ("/echo/a?q=%00", "nul_character"),
        ("/echo/a?%00=b", "nul_character"),
        ("/nothing%00", "nul_character"),
        ("/echo/a?q=%ED%A0%BD", "not_utf8"),
        ("/echo/%FF", "not_utf8"),
        ("/echo/a?q=%CD%B6%CB%DF", "not_utf8"),
        ("/echo/a?q=%C0%80", "not_utf8"),
        ("/echo/a?q=%07", "forbidden_character"),
        ("/echo/a%E2%80%AE", "forbidden_character"),
        ("/echo/a?q=%EF%BF%BE", "forbidden_character"),
    ],
)
async def test_an_address_that_is_no_text_is_a_bad_request(app: FastAPI, target: str, code: str) -> None:
    answer = await send_request(app, "GET", target)
    page = await send_request(app, "GET", target, HTML)

    assert (answer.status, answer.headers["content-type"], answer.json()["code"]) == (400, PROBLEM, code)
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "content-security-policy" in answer.headers


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not has_forbidden(text)))
def test_any_other_text_reaches_its_route(text: str) -> None:
    from urllib.parse import quote

    from shared.web.request_text import find_rejection

    target = quote(text, safe="").encode()

    assert find_rejection({"path": "/", "raw_path": b"/" + target, "query_string": b"q=" + target, "headers": []}) is None


@pytest.mark.parametrize("charset", ["idna", "utf-7", "undefined", "gb18030", '"UTF-16"'])
async def test_a_form_in_another_charset_is_an_unsupported_media_type(app: FastAPI, charset: str) -> None:
    kind = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
    body = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n+2AA-\r\n--x--\r\n'

    answer = await send_request(app, "POST", "/echo/a", kind, body)

    assert (answer.status, answer.json()["code"]) == (415, "unsupported_charset")


@pytest.mark.parametrize("body", [b"text=a%00b", b"", b"text=" + b"a" * 21])
async def test_a_form_with_a_text_that_cannot_be_stored_is_unprocessable(app: FastAPI, body: bytes) -> None:
    answer = await send_request(app, "POST", "/echo/a", {"content-type": "application/x-www-form-urlencoded"}, body)

    assert (answer.status, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.parametrize("number", [str(2**31), str(2**63), "9" * 5000, "-1", "1e3", "NaN", "", "%D9%A1"])
async def test_a_number_beyond_its_column_is_unprocessable(app: FastAPI, number: str) -> None:
    assert (await send_request(app, "GET", f"/echo/a?number={number}")).status == 422


async def test_a_wrong_method_is_told_every_right_one(app: FastAPI) -> None:
    answer = await send_request(app, "DELETE", "/echo/a")

    assert (answer.status, answer.headers["content-type"]) == (405, PROBLEM)
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_a_body_over_the_limit_is_refused_before_it_is_read(app: FastAPI) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "content-length": str(DEFAULT_BODY + 1)}
    answer = await send_request(app, "POST", "/echo/a", headers)

    assert (answer.status, answer.headers["content-type"]) == (413, PROBLEM)


async def test_a_form_of_another_site_is_forbidden(app: FastAPI) -> None:
    answer = await send_request(app, "POST", "/echo/a", {"sec-fetch-site": "cross-site"})

    assert (answer.status, answer.headers["content-type"]) == (403, PROBLEM)


async def test_a_value_that_the_database_refuses_is_a_bad_request_and_no_error(app: FastAPI) -> None:
    with capture_logs() as lines:
        answer = await send_request(app, "GET", "/refused")

    assert (answer.status, answer.json()["code"]) == (400, "value_out_of_range")
    assert [(line["event"], line["log_level"]) for line in lines] == [("value_refused_by_database", "warning")]


async def test_a_fault_of_a_query_stays_an_error(app: FastAPI) -> None:
    with capture_logs() as lines, pytest.raises(asyncpg.DivisionByZeroError):
        await send_request(app, "GET", "/divided")

    assert [line["event"] for line in lines] == ["request_failed"]


async def test_an_unhandled_error_is_counted_and_has_the_security_headers(app: FastAPI) -> None:
    labels = {"service": "publisher", "route": "/divided", "method": "GET", "status": "500"}
    before = REGISTRY.get_sample_value("gongshi_http_requests_total", labels) or 0

    answer = await send_request(app, "GET", "/divided", raises=False)

    assert (answer.status, answer.json()["code"]) == (500, "internal")
    assert "content-security-policy" in answer.headers
    assert REGISTRY.get_sample_value("gongshi_http_requests_total", labels) == before + 1


async def test_the_row_of_a_violated_constraint_is_not_logged(app: FastAPI) -> None:
    with capture_logs() as lines, pytest.raises(asyncpg.CheckViolationError) as raised:
        await send_request(app, "GET", "/violated")

    assert [line["event"] for line in lines] == ["request_failed"]
    assert "林嘉" not in str(lines[0]["exc_info"])
    assert "林嘉" not in str(raised.value)


async def test_a_problem_that_echoes_half_a_character_is_still_a_document(app: FastAPI) -> None:
    from shared.web.problems import problem_response

    response = RawResponse(400, {}, bytes(problem_response(400, "bad_request", "\ud800").body))

    assert response.json()["detail"] == "?"


@given(st.text())
def test_a_text_can_be_stored_exactly_if_it_is_utf8_without_nul(text: str) -> None:
    try:
        storable = b"\0" not in text.encode()
    except UnicodeEncodeError:
        storable = False

    assert is_storable(text) is storable


def test_every_declared_error_is_a_problem_document(app: FastAPI) -> None:
    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    errors = [response for each in operations for status, response in each["responses"].items() if status >= "4"]

    assert {"get", "post"} == set(app.openapi()["paths"]["/echo/{word}"])
    assert set(app.openapi()["paths"]["/echo/{word}"]["post"]["responses"]) == {
        "200", "400", "403", "404", "408", "413", "415", "421", "422", "429", "503"
    }  # fmt: skip
    assert errors
    assert all(PROBLEM in response["content"] for response in errors)
