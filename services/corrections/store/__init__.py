"""The schema `corrections`: typed functions over one connection, by subject; `asyncpg.Record` never leaves this package."""
