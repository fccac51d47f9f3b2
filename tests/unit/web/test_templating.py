import pytest
from jinja2 import UndefinedError

from shared.charts.renderer import ChartRenderer
from shared.web.i18n import _
from shared.web.languages import LANGUAGES
from shared.web.page_address import PageAddress
from shared.web.templating import Pages
from tests.pages import chinese_in_english, english_in_chinese, inline_code
from tests.unit.web.requests import request
from tests.unit.web.sample import pages as sampling


@pytest.fixture(scope="module")
def charts():
    renderer = ChartRenderer()
    yield renderer
    renderer.close()


@pytest.fixture(scope="module")
def pages():
    return Pages(sampling.SAMPLE, sampling.SITE)


@pytest.fixture(params=[(name, language) for name in sampling.PAGES for language in LANGUAGES], ids="-".join, scope="module")
def rendered(request, pages, charts):
    name, language = request.param
    page_address = PageAddress(f"/{name}", (("q", "a b"),), language)
    return language, sampling.page(pages, charts, name, language, page_address)


def test_no_page_has_anything_inline_that_a_strict_policy_blocks(rendered):
    assert inline_code(rendered[1]) == []


def test_chinese_pages_have_no_english_and_english_pages_no_chinese(rendered):
    language, html = rendered

    if language == "zh":
        assert english_in_chinese(html) == set()
    else:
        assert chinese_in_english(html) == set()


def test_every_page_declares_its_language_and_has_one_main_and_one_first_heading(rendered):
    language, html = rendered

    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}"' in html
    assert html.count("<main") == 1
    assert html.count("<h1") == 1


def test_no_missing_value_is_printed(rendered):
    assert "None" not in rendered[1]
    assert "Undefined" not in rendered[1]


def test_the_language_switch_keeps_path_and_query(pages):
    html = pages.render(request("/boards/basic?region=330106&q=a%26b"), "problem.html", status_code=404, title="", remedy="",
                        detail=None).body.decode()  # fmt: skip

    assert 'href="/boards/basic?region=330106&amp;q=a%26b&amp;lang=en"' in html


def test_a_requested_language_is_stored_in_a_cookie(pages):
    response = pages.problem(request("/?lang=en"), 404)

    assert response.status_code == 404
    assert "lang=en" in response.headers["set-cookie"]
    assert response.headers["content-language"] == "en"
    assert response.headers["vary"] == "Accept-Language, Cookie"
    assert "There is no such page" in response.body.decode()


def test_the_language_of_the_browser_is_not_stored(pages):
    response = pages.problem(request("/", headers={"accept-language": "en"}), 503)

    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 418])
def test_every_error_page_says_what_to_do(pages, status):
    html = pages.problem(request("/"), status, detail=_("请稍后再试，或者返回首页。")).body.decode()

    assert f"HTTP {status}" in html
    assert english_in_chinese(html) == set()


def test_a_detail_is_escaped(pages):
    assert "<script>alert" not in pages.problem(request("/"), 400, detail="<script>alert(1)</script>").body.decode()


def test_texts_of_code_are_shown_in_the_language_of_the_page(pages):
    text = _("%(period)s（未满）", period=_("投诉"))

    assert pages.text("zh", text) == str(text) == "投诉（未满）"
    assert pages.text("en", text) == "Complaints (not complete)"


def test_a_misspelt_component_or_variable_is_an_error(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "component.html").write_text("{{ ui.tyle() }}")
    (tmp_path / "templates" / "variable.html").write_text("{{ nothing }}")
    pages = Pages(tmp_path, sampling.SITE)

    for name in ("component.html", "variable.html"):
        with pytest.raises(UndefinedError):
            pages.html("zh", name)


def test_without_synthetic_data_there_is_no_ribbon(tmp_path):
    from dataclasses import replace

    pages = Pages(sampling.SAMPLE, replace(sampling.SITE, synthetic=False))

    assert "demo-ribbon" not in pages.problem(request("/"), 404).body.decode()
