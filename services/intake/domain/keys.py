"""Keys of sources: shown once when created, stored as a hash only."""

from __future__ import annotations

import hashlib


def key_hash(key: str) -> bytes:
    """Return the SHA-256 of a key. Keys are random and long, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


def may_send_for(holder: str, source: str) -> bool:
    """Return whether the holder of a key may send events of `source`: its own, or one below it in the path."""
    return source == holder or source.startswith(holder.rstrip("/") + "/")
