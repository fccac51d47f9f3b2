"""What would break a reader or the records already written: the difference between two JSON Schemas of one event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def breaking(old: Schema, new: Schema) -> list[str]:
    """Return what in `new` breaks with `old`. Empty: the change is additive and keeps the event's version.

    A field may be added when it is optional; nothing may go, become required, or change its type; an enumeration
    and a length may grow but not shrink.
    """
    return list(_compare(_Side(old, old), _Side(new, new), "$"))


class _Side:
    """A schema node together with the document that its references point into."""

    def __init__(self, node: Schema, document: Schema) -> None:
        while "$ref" in node:
            node = _resolve(document, node["$ref"])
        self.node = node
        self.document = document

    def at(self, node: Schema) -> _Side:
        return _Side(node, self.document)


def _resolve(document: Schema, reference: str) -> Schema:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def _compare(old: _Side, new: _Side, path: str) -> Iterator[str]:
    before, after = _kinds(old), _kinds(new)
    if gone := before - after:
        yield f"{path}: type {', '.join(sorted(gone))} is no longer allowed"
    values: list[Any] = old.node.get("enum", [])
    if gone := set(values) - set(new.node.get("enum", values)):
        yield f"{path}: value {', '.join(map(str, sorted(gone, key=str)))} is gone"
    yield from _limits(old.node, new.node, path)
    yield from _properties(old, new, path)
    for kind, side in _branches(old).items():
        if kind in (others := _branches(new)):
            yield from _compare(side, others[kind], path)
    if isinstance(old.node.get("items"), dict) and isinstance(new.node.get("items"), dict):
        yield from _compare(old.at(old.node["items"]), new.at(new.node["items"]), f"{path}[]")


def _kinds(side: _Side) -> set[str]:
    if "anyOf" in side.node:
        return {kind for branch in side.node["anyOf"] for kind in _kinds(side.at(branch))}
    kind = side.node.get("type")
    return set(kind) if isinstance(kind, list) else {kind} if kind else set()


def _branches(side: _Side) -> dict[str, _Side]:
    """The branches of a union by their type; unions here are a type or null."""
    branches = (side.at(branch) for branch in side.node.get("anyOf", ()))
    return {kind: branch for branch in branches if "anyOf" not in branch.node and (kind := branch.node.get("type"))}


def _limits(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for limit, shrinks in (("maxLength", True), ("maximum", True), ("minLength", False), ("minimum", False)):
        if limit not in new:
            continue
        tighter = limit not in old or (new[limit] < old[limit] if shrinks else new[limit] > old[limit])
        if tighter:
            yield f"{path}: {limit} became tighter"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{path}: the pattern changed"


def _properties(old: _Side, new: _Side, path: str) -> Iterator[str]:
    before: Schema = old.node.get("properties", {})
    after: Schema = new.node.get("properties", {})
    for name in sorted(before.keys() - after.keys()):
        yield f"{path}.{name}: the field is gone"
    for name in sorted(set(new.node.get("required", ())) - set(old.node.get("required", ()))):
        yield f"{path}.{name}: the field became required"
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(old.at(before[name]), new.at(after[name]), f"{path}.{name}")
