"""Two kinds of error: permanent (record it, count it, go on) and transient (back off, try again)."""

from __future__ import annotations

import asyncpg


class GongshiError(Exception):
    """Something went wrong that gongshi has a word for."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class PermanentError(GongshiError):
    """The same input will fail again."""


class TransientError(GongshiError):
    """The same input may succeed later."""


class Fenced(TransientError):
    """Another process owns this partition now, or the position has moved."""


class PositionLost(PermanentError):
    """The broker no longer holds the records that follow the stored position."""


class PositionAhead(TransientError):
    """The broker ends before the stored position: it is still recovering, or its topic was made anew."""


class DeadLetterFlood(PermanentError):
    """Too large a share of records fails by our own fault: this looks like a bad deploy."""


PERMANENT: tuple[type[BaseException], ...] = (
    PermanentError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)

# What our own code raises when it meets a record that it was not written for: it will raise it again.
OWN_FAULTS: tuple[type[BaseException], ...] = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
