"""Logs: one JSON object a line, events not prose, and never personal data."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import orjson
import structlog

PERSONAL_KEYS = frozenset(
    {"name", "phone", "id_number", "address", "text", "title", "body", "value", "password", "token", "contact"}
)
REDACTED = "[not logged]"
REPEAT_AFTER_S = 30.0


def configure(log_format: str, service: str) -> None:
    """Configure logging of this process, once, at its start; warnings of libraries take the same format."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if log_format == "console"
        else structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode())
    )
    shared_steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_personal_data,
        strip_exception,
    ]
    structlog.configure(
        processors=[*shared_steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared_steps))
    handler.addFilter(RepeatFilter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.contextvars.bind_contextvars(service=service)
    sys.excepthook = log_crash


def log_crash(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Log what ends the process as any other exception; the interpreter would print its message, details included."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, at)
    else:
        structlog.get_logger(__name__).critical("process_failed", exc_info=(kind, error, at))


def mask_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of keys that hold personal data elsewhere, so that a careless log call cannot leak them."""
    for key in PERSONAL_KEYS & event.keys():
        event[key] = REDACTED
    return event


def strip_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and stack frames: messages and local variables quote the data that caused it."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_stack_lines(error))
    return event


def _stack_lines(error: BaseException) -> Iterator[str]:
    """Yield the type of an exception and its stack frames, outermost first, then those of its cause or context."""
    yield type(error).__qualname__
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
    origin = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if origin is not None:
        yield from _stack_lines(origin)


class RepeatFilter(logging.Filter):
    """Passes the same message of a library once in 30 s.

    Clients of a broker that is down log the same message many times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the message was not logged within the last 30 s."""
        message = (record.name, str(record.msg))
        now = time.monotonic()
        if now - self._logged_at.get(message, -REPEAT_AFTER_S) < REPEAT_AFTER_S:
            return False
        self._logged_at[message] = now
        return True
