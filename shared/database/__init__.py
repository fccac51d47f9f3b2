"""PostgreSQL: one pool per service, which sees its own schema and signs in as its own login; migrations by dbmate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.front_door import open_door

if TYPE_CHECKING:
    from shared.database.connections import acquire, create_pool
    from shared.database.messages import describe_database_error
    from shared.database.migrations import SCHEMAS, ensure_roles, migrate
    from shared.database.pool import close_pool, open_pool
    from shared.database.search_path import use_schema

__all__ = [
    "SCHEMAS",
    "acquire",
    "close_pool",
    "create_pool",
    "describe_database_error",
    "ensure_roles",
    "migrate",
    "open_pool",
    "use_schema",
]

_MODULES = {
    "SCHEMAS": "migrations",
    "acquire": "connections",
    "close_pool": "pool",
    "create_pool": "connections",
    "describe_database_error": "messages",
    "ensure_roles": "migrations",
    "migrate": "migrations",
    "open_pool": "pool",
    "use_schema": "search_path",
}


def __getattr__(name: str) -> object:
    return open_door(__name__, _MODULES, name)
