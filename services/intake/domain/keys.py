"""What the holder of a source's key may send."""

from __future__ import annotations

# The sources of our own events (`/gongshi/intake`): no hotline's report comes in under such a name.
OWN = "/gongshi"


def is_reserved(source: str) -> bool:
    """Return whether no source may have this name: slashes alone, below which every other name would be, or our own."""
    return not source.strip("/") or _is_within(OWN, source)


def may_send_for(holder: str, source: str) -> bool:
    """Return whether the holder of a key may send events of `source`: its own, or one below it in the path."""
    return not is_reserved(holder) and not is_reserved(source) and _is_within(holder, source)


def _is_within(holder: str, source: str) -> bool:
    return source == holder or source.startswith(holder.rstrip("/") + "/")
