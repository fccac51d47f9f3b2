"""PostgreSQL: one pool per service, which sees its own schema and acts in its own role; migrations by dbmate."""

from shared.database.migrations import SCHEMAS, migrate
from shared.database.pool import open_pool

__all__ = ["SCHEMAS", "migrate", "open_pool"]
