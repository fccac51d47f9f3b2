"""Logs: one JSON object a line, events not prose, and never personal data."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import orjson
import structlog

PERSONAL = frozenset(
    {"name", "phone", "id_number", "address", "text", "title", "body", "value", "password", "token", "contact"}
)
REDACTED = "[not logged]"
REPEAT_AFTER_S = 30.0


def configure(log_format: str, service: str) -> None:
    """Set up logging of this process, once, at its start; other libraries' warnings take the same way out."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if log_format == "console"
        else structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode())
    )
    shared_steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal,
        only_places,
    ]
    structlog.configure(
        processors=[*shared_steps, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared_steps))
    handler.addFilter(Seldom())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.contextvars.bind_contextvars(service=service)


def drop_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of keys that hold personal data elsewhere, so that a careless line cannot leak them."""
    for key in PERSONAL & event.keys():
        event[key] = REDACTED
    return event


def only_places(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an error by its type and the places it came through: messages and variables quote what they choked on."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_places(error))
    return event


def _places(error: BaseException) -> Iterator[str]:
    """Yield the type of an error and its places, outermost first, then those of the error that it came from."""
    yield type(error).__qualname__
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"  {frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _places(before)


class Seldom(logging.Filter):
    """Lets the same line of another library through once in half a minute.

    Clients of a broker that is away say the same thing many times a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line has not been said lately."""
        line = (record.name, str(record.msg))
        now = time.monotonic()
        if now - self._said.get(line, -REPEAT_AFTER_S) < REPEAT_AFTER_S:
            return False
        self._said[line] = now
        return True
