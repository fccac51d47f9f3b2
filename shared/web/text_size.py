"""The size of the text of public pages: as set, or large (大字版) by `?size=large`, which a cookie keeps."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request

TextSize = Literal["usual", "large"]
PARAMETER = COOKIE = "size"
LARGE: TextSize = "large"
USUAL: TextSize = "usual"


def requested_size(request: Request) -> TextSize | None:
    """Return the size that the address asks for, or None where it asks for none that there is."""
    return _find_size(request.query_params.get(PARAMETER, ""))


def negotiate_size(request: Request) -> TextSize:
    """Return the size of the page that answers `request`."""
    return requested_size(request) or _find_size(request.cookies.get(COOKIE, "")) or USUAL


def _find_size(word: str) -> TextSize | None:
    return LARGE if word == LARGE else USUAL if word == USUAL else None
