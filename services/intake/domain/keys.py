"""What the holder of a source's key may send."""

from __future__ import annotations

from collections.abc import Collection

# The sources of our own events (`/gongshi/intake`): no hotline's report comes in under such a name.
OWN = "/gongshi"


def is_reserved(source: str) -> bool:
    """Return whether no source may have this name: slashes alone, below which every other name would be, or our own."""
    return not source.strip("/") or _is_within(OWN, source)


def may_send_for(holder: str, source: str, keyed: Collection[str] = ()) -> bool:
    """Return whether the holder of a key may send events of `source`: its own, or one below it in the path.

    `keyed`: other names that ever had a key. The longest name that covers a source decides: what has a key of its own is
    sent with that one, and where it has ended with none.
    """
    if is_reserved(holder) or is_reserved(source) or not _is_within(holder, source):
        return False
    return not any(len(name) > len(holder) and _is_within(name, source) for name in keyed)


def _is_within(holder: str, source: str) -> bool:
    return source == holder or source.startswith(holder.rstrip("/") + "/")
