"""Release numbers and times at which pages of lists begin, as requests give them, none of which the database has to refuse."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import HTTPException, Query
from pydantic import WithJsonSchema

from shared.web.parameters import INT64_MAX, Int64

# Days that every month has, of years that every zone can hold.
_DAY = "(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"

ReleaseNumber = Annotated[Int64 | None, Query()]
"""A release number that a page of a list begins before or after."""

Since = Annotated[
    str,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{1,18}$"},
                {"type": "string", "pattern": f"^{_DAY}T{_TIME}(?:Z|[+-]0[0-9]:[0-5][0-9])$"},
            ]
        }
    ),
]
"""A release number, or a time (RFC 3339) with its offset."""
Cursor = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[ab][0-9]{1,18}$"})]
"""What an answer gave to go on with: of changes, or of the newest items."""


def parse_release_number(text: str) -> int | None:
    """Return the release number that a text of ASCII digits is, None where it is none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(INT64_MAX)):
        return None
    number = int(text)
    return number if number <= INT64_MAX else None


def parse_moment(text: str) -> datetime | None:
    """Return the time that a text (RFC 3339 with offset) is, None where it is none or too far away to be converted."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_far = not MINYEAR < moment.year < MAXYEAR
    return None if moment.tzinfo is None or is_far else moment


def bad_request(detail: str) -> HTTPException:
    """Return the error of a parameter that is not of its form."""
    return HTTPException(HTTPStatus.BAD_REQUEST, detail)
