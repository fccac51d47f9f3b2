"""Two kinds of error: permanent (record it, count it, go on) and transient (back off, try again)."""

from __future__ import annotations

import asyncpg


class GongshiError(Exception):
    """An error that gongshi itself raises; the docstring of its class is the default message."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class PermanentError(GongshiError):
    """The same input will fail again."""


class TransientError(GongshiError):
    """The same input may succeed later."""


class Fenced(TransientError):
    """Another process owns this partition now, or its position has advanced."""


class DeadLetterFlood(PermanentError):
    """Our own code fails on too large a share of records: this looks like a bad deploy."""


PERMANENT_ERRORS: tuple[type[BaseException], ...] = (
    PermanentError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)

# Raised by our own code on a record that it was not written for: the same record will raise it again.
PROGRAMMING_ERRORS: tuple[type[BaseException], ...] = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
