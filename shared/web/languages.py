"""Negotiation of the page language: `?lang=`, else the cookie, else Accept-Language, else Chinese."""

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


def negotiate_language(request: Request) -> Language:
    """Return the language of the response to `request`."""
    requested = requested_language(request)
    if requested:
        return requested
    return _find_language(request.cookies.get(COOKIE, "")) or parse_accept_language(request.headers.get("accept-language", ""))


def requested_language(request: Request) -> Language | None:
    """Return the language of the query parameter `lang`, or None when it names no supported language."""
    return _find_language(request.query_params.get(PARAMETER, ""))


def parse_accept_language(header: str) -> Language:
    """Return the preferred language of an Accept-Language header (RFC 9110, 12.5.4); Chinese when none is supported."""
    ranges = sorted(_parse_ranges(header), key=lambda pair: -pair[1])
    for tag, quality in ranges:
        language = _find_language(tag.partition("-")[0])
        if language and quality > 0:
            return language
    return SOURCE


def _parse_ranges(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        yield tag.strip().lower(), _parse_quality(parameters)


def _parse_quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _find_language(tag: str) -> Language | None:
    return next((language for language in LANGUAGES if language == tag), None)
