"""Private answers are in no cache, foreign host names are refused, and TLS stays on once it was."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from fastapi import APIRouter, FastAPI, Response

from shared.database.migrations import _dbmate_url
from shared.service import Service
from shared.settings import Settings
from shared.web.app import create_web
from shared.web.templating import Pages
from tests.asgi import RawResponse, send_request
from tests.unit.web.sample.pages import SAMPLE, SITE

router = APIRouter()


@router.get("/boards/major")
@router.get("/desk/items")
@router.get("/stats/desk")
@router.get("/intake/anything")
@router.get("/corrections/track/secret")
async def show() -> str:
    return "shown"


@router.get("/desk/cached")
async def cached(response: Response) -> str:
    response.headers["Cache-Control"] = "private, max-age=5"
    return "shown"


def create_app(**settings: str) -> FastAPI:
    async def prepare(_: object) -> tuple[()]:
        return ()

    return create_web(Service("publisher", prepare), Settings(**settings), Pages(SAMPLE, SITE), [router])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(allowed_hosts="")


async def ask(app: FastAPI, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> RawResponse:
    return await send_request(app, method, path, {"host": "localhost:8700", **(headers or {})})


@pytest.mark.parametrize(
    ("path", "headers", "private"),
    [
        ("/boards/major", {}, False),
        ("/boards/major", {"cookie": "gongshi_session=x"}, True),
        ("/boards/major", {"authorization": "Bearer x"}, True),
        ("/desk/items", {}, True),
        ("/desk/sign-in", {}, True),
        ("/stats/desk", {}, True),
        ("/intake/anything", {}, True),
        ("/corrections/track/secret", {}, True),
        ("/nothing", {}, True),
    ],
)
async def test_no_cache_keeps_a_private_answer(app: FastAPI, path: str, headers: dict[str, str], *, private: bool) -> None:
    assert ((await ask(app, path, headers)).headers.get("cache-control") == "no-store") is private


async def test_a_route_may_say_itself_how_it_is_cached(app: FastAPI) -> None:
    assert (await ask(app, "/desk/cached")).headers["cache-control"] == "private, max-age=5"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("localhost:8700", 200), ("LOCALHOST", 200), ("127.0.0.1:8700", 200), ("[::1]:8700", 200),
        ("192.0.2.7", 200), ("evil.example", 421), ("localhost.evil.example", 421), ("[", 421), ("a b", 421),
    ],
)  # fmt: skip
async def test_a_foreign_host_name_is_refused(app: FastAPI, host: str, status: int) -> None:
    response = await ask(app, "/boards/major", {"host": host})

    assert response.status == status
    assert status == 200 or (response.json()["code"], response.headers["cache-control"]) == ("unknown_host", "no-store")


async def test_configured_host_names_are_ours() -> None:
    app = create_app(allowed_hosts="inside.example, Other.example", public_url="https://gongshi.example:8443/")

    hosts = ("inside.example", "other.example:80", "gongshi.example", "evil.example")
    assert [(await ask(app, "/boards/major", {"host": host})).status for host in hosts] == [200, 200, 200, 421]


async def test_strict_transport_security_is_told_over_tls_only(app: FastAPI) -> None:
    headers = {"host": "localhost"}
    plain = await send_request(app, "GET", "/boards/major", headers)
    secure = await send_request(app, "GET", "/boards/major", headers, scheme="https")

    assert "strict-transport-security" not in plain.headers
    assert int(secure.headers["strict-transport-security"].partition(";")[0].removeprefix("max-age=")) >= 31_536_000


@pytest.mark.parametrize(
    ("host", "disabled"), [("127.0.0.1", True), ("localhost", True), ("db.example", False), ("postgres", False)]
)
def test_tls_to_a_database_elsewhere_is_not_turned_off_silently(host: str, *, disabled: bool) -> None:
    url = f"postgresql://gongshi:secret@{host}:5432/gongshi"

    assert ("sslmode=disable" in urlsplit(_dbmate_url(url, "intake")).query) is disabled
    assert "sslmode=disable" in _dbmate_url(url + "?sslmode=disable", "intake")
