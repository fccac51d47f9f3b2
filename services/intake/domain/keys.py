"""Keys of sources: shown once when made, known here by their hash only."""

from __future__ import annotations

import hashlib


def key_hash(key: str) -> bytes:
    """Return the SHA-256 of a key. Keys are random and long, so a slow hash would add nothing."""
    return hashlib.sha256(key.encode()).digest()


def may_speak_for(holder: str, source: str) -> bool:
    """Return whether the holder of a key may send events of `source`: its own, or of a part of it."""
    return source == holder or source.startswith(holder.rstrip("/") + "/")
