"""What commands print on standard error beside their messages."""

from __future__ import annotations


def without_progress(messages: str) -> str:
    """Return what a command printed on standard error but for the titles of its steps."""
    return "".join(line for line in messages.splitlines(keepends=True) if not line.endswith(" …\n"))
