"""What may be told of an error of the database: its parameters and details quote the rows that it refused."""

from __future__ import annotations

import asyncpg

DATA_EXCEPTION = "22"


def describe_database_error(error: asyncpg.PostgresError | asyncpg.InterfaceError) -> str:
    """Return the message of an error without DETAIL, HINT and CONTEXT; of data that no type takes, its name and SQLSTATE only.

    Messages of the class 22 quote the value itself: `invalid input syntax for type integer: "…"`. So do those of the driver
    about arguments.
    """
    name, state = type(error).__name__, getattr(error, "sqlstate", None)
    if isinstance(error, ValueError | TypeError) or (state or "").startswith(DATA_EXCEPTION):
        return f"{name} {state}" if state else name
    return str(error.args[0]).rstrip(".") if error.args else name
