"""Errors that a command ends with, as one sentence that names the value and what is allowed."""

from __future__ import annotations

from zoneinfo import ZoneInfoNotFoundError

import asyncpg
from pydantic import ValidationError

from deploy.databases import message_of
from shared.errors import GongshiError
from shared.settings import PREFIX, Settings, variable_names

SECRETS = ("database_url", "kafka_sasl_password")


def explain(error: Exception) -> str | None:
    """Return the sentence of an error of the input or the environment; None for one of the program."""
    match error:
        case GongshiError():
            return str(error)
        case ValidationError() if error.title == Settings.__name__:
            return _explain_setting(error)
        case ZoneInfoNotFoundError():
            return f"GONGSHI_TIME_ZONE is no time zone: {error}."
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror or error}."
        case _ if isinstance(error, OSError | asyncpg.PostgresError | asyncpg.InterfaceError) or _is_broker_error(error):
            return f"{_failing_component(error)} fails: {message_of(error)}."
        case _:
            return None


def _failing_component(error: Exception) -> str:
    return "A connection" if isinstance(error, OSError) else "The broker" if _is_broker_error(error) else "The database"


def _is_broker_error(error: Exception) -> bool:
    """Return whether the broker's client raised it; a command that did not import the client is spared it here."""
    return any(kind.__module__ == "aiokafka.errors" for kind in type(error).__mro__)


def _explain_setting(error: ValidationError) -> str:
    """Return the first wrong setting, by the name of its variable. A secret's value is not shown."""
    detail = error.errors(include_url=False, include_context=False)[0]
    field = str(detail["loc"][0]).lower()
    name = variable_names().get(field, PREFIX + field.removeprefix(PREFIX.lower()).upper())
    value = "" if field in SECRETS else f"={detail['input']}"
    return f"{name}{value} is not allowed: {detail['msg']}."
