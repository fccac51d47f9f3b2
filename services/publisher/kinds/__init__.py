"""The kinds of items that offices draft at the desk: one module a kind, which declares it as `KIND`; nothing else names one.

A new kind is a module in this package. Fields of one name mean the same in every kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.publisher.declarations import find_declared
from services.publisher.kinds.declaration import ContentCheck, Kind, OperatorUse
from services.publisher.kinds.fields import Field

__all__ = ["FIELDS", "KINDS", "ContentCheck", "Field", "Kind", "OperatorUse", "find_kind"]


_kinds = find_declared(__name__, __path__, "KIND", Kind)
KINDS: Mapping[str, Kind] = MappingProxyType(_kinds)
_fields = {each.name: each for kind in KINDS.values() for each in kind.fields}
FIELDS: Mapping[str, Field] = MappingProxyType(_fields)


def find_kind(name: str | None) -> Kind | None:
    """Return the kind of this name; None for an item that is not drafted at the desk."""
    return KINDS.get(name or "")
