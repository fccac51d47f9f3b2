"""PostgreSQL: one pool per service, which sees its own schema and signs in as its own login; migrations by dbmate."""

from shared.database.messages import describe_database_error
from shared.database.migrations import SCHEMAS, ensure_roles, migrate
from shared.database.pool import acquire, close_pool, open_pool
from shared.database.search_path import use_schema

__all__ = ["SCHEMAS", "acquire", "close_pool", "describe_database_error", "ensure_roles", "migrate", "open_pool", "use_schema"]
