"""Decisions of intake as pure functions: whether a report is valid, who its operator is, what it changes."""
