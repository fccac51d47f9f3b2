"""Which of the two page languages a request gets: `?lang=`, else the cookie, else Accept-Language, else Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from starlette.requests import Request

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
SOURCE: Language = "zh"
COOKIE = "lang"
PARAMETER = "lang"
COOKIE_SECONDS = 365 * 24 * 3600

HTML_LANG: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}
OWN_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}


def negotiate(request: Request) -> Language:
    """Return the language of the page that answers `request`."""
    asked = chosen(request)
    if asked:
        return asked
    return _known(request.cookies.get(COOKIE, "")) or accepted(request.headers.get("accept-language", ""))


def chosen(request: Request) -> Language | None:
    """Return the language asked for in the address, or None when it names none that there is."""
    return _known(request.query_params.get(PARAMETER, ""))


def accepted(header: str) -> Language:
    """Return the best language of an Accept-Language header (RFC 9110, 12.5.4); Chinese when none fits."""
    ranges = sorted(_ranges(header), key=lambda pair: -pair[1])
    for tag, quality in ranges:
        language = _known(tag.partition("-")[0])
        if language and quality > 0:
            return language
    return SOURCE


def _ranges(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        yield tag.strip().lower(), _quality(parameters)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _known(tag: str) -> Language | None:
    return next((language for language in LANGUAGES if language == tag), None)
