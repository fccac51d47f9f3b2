"""Names of sources as commands take them."""

from __future__ import annotations

import re

from deploy.cli.values import InvalidValue
from services.intake.domain.keys import is_reserved
from services.intake.domain.report import LINE_PATTERN


class InvalidName(InvalidValue):
    """A source's name is the `source` of its events, like /hotlines/12345/330100: up to 200 characters, no spaces."""


class ReservedName(InvalidValue):
    """No source may be called that: slashes alone would cover every other source, and /gongshi is the system itself."""


def check_source_name(name: str) -> str:
    """Return the name. Raises `InvalidName`, `ReservedName`."""
    if not re.fullmatch(LINE_PATTERN, name):
        raise InvalidName(name)
    if is_reserved(name):
        raise ReservedName(name)
    return name
