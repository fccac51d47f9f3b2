"""What the holder of a source's key may send."""

from __future__ import annotations


def may_send_for(holder: str, source: str) -> bool:
    """Return whether the holder of a key may send events of `source`: its own, or one below it in the path."""
    return source == holder or source.startswith(holder.rstrip("/") + "/")
