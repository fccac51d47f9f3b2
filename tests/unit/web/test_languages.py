import pytest

from shared.web.languages import negotiate_language, parse_accept_language
from tests.unit.web.requests import request


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("fr,de;q=0.8", "zh"),
        ("fr,en;q=0.2", "en"),
        ("en;q=0,zh;q=0.1", "zh"),
        ("en;q=abc", "zh"),
        (";;,,=", "zh"),
    ],
)
def test_the_best_language_of_the_header_is_taken(header, language):
    assert parse_accept_language(header) == language


def test_the_address_wins_over_the_cookie_and_the_cookie_over_the_header():
    headers = {"accept-language": "en", "cookie": "lang=zh"}

    assert negotiate_language(request("/", headers=headers)) == "zh"
    assert negotiate_language(request("/?lang=en", headers=headers)) == "en"
    assert negotiate_language(request("/", headers={"accept-language": "en"})) == "en"


def test_an_unknown_language_in_the_address_or_cookie_is_passed_over():
    assert negotiate_language(request("/?lang=fr", headers={"cookie": "lang=xx", "accept-language": "en"})) == "en"
