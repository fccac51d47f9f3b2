"""A mirror of what is public, for others: one file of SQLite that follows `/api/delta`, with nothing but Python."""
