import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from shared.web.assets import Assets


@pytest.fixture
def assets(tmp_path):
    (tmp_path / "look.css").write_text("body{}")
    (tmp_path / "page.js").write_text("export {}")
    return Assets(tmp_path)


@pytest.fixture
def client(assets):
    return TestClient(Starlette(routes=assets.routes()))


def test_a_file_under_its_current_address_is_cached_for_ever(assets, client):
    response = client.get(assets.url("look.css"))

    assert response.text == "body{}"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/css")
    assert response.headers["x-content-type-options"] == "nosniff"


def test_scripts_have_the_type_that_browsers_ask_of_modules(assets, client):
    assert client.get(assets.url("page.js")).headers["content-type"].startswith("text/javascript")


def test_the_address_of_another_release_serves_the_file_without_caching(client):
    response = client.get("/static/0123456789abcdef/look.css")

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "..%2fassets.py", "%2e%2e"])
def test_nothing_else_is_served(client, name):
    assert client.get(f"/static/0123456789abcdef/{name}").status_code == 404


def test_the_address_changes_with_any_content(tmp_path, assets):
    before = assets.url("look.css")
    (tmp_path / "page.js").write_text("export { }")

    assert Assets(tmp_path).url("look.css") != before


def test_an_unknown_name_is_a_key_error(assets):
    with pytest.raises(KeyError):
        assets.url("lok.css")
