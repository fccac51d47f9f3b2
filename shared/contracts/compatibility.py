"""Compatibility of two JSON Schemas of one event: the changes that break a consumer or the records already written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def find_breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return the breaking changes from `old` to `new`; empty for an additive change, which needs no new version.

    An optional field may be added; no field may be removed, become required, or change its type; an enumeration and
    a length may grow but not shrink.
    """
    return list(_compare(_SchemaNode(old, old), _SchemaNode(new, new), "$"))


class _SchemaNode:
    """A schema node together with the document that its references point into."""

    def __init__(self, node: Schema, document: Schema) -> None:
        while "$ref" in node:
            node = _resolve(document, node["$ref"])
        self.node = node
        self.document = document

    def with_node(self, node: Schema) -> _SchemaNode:
        return _SchemaNode(node, self.document)


def _resolve(document: Schema, reference: str) -> Schema:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def _compare(old: _SchemaNode, new: _SchemaNode, path: str) -> Iterator[str]:
    before, after = _types(old), _types(new)
    if removed := before - after:
        yield f"{path}: type {', '.join(sorted(removed))} is no longer allowed"
    values: list[Any] = old.node.get("enum", [])
    if removed := set(values) - set(new.node.get("enum", values)):
        yield f"{path}: value {', '.join(map(str, sorted(removed, key=str)))} is gone"
    yield from _compare_limits(old.node, new.node, path)
    yield from _compare_properties(old, new, path)
    for kind, branch in _branches_by_type(old).items():
        if kind in (others := _branches_by_type(new)):
            yield from _compare(branch, others[kind], path)
    if isinstance(old.node.get("items"), dict) and isinstance(new.node.get("items"), dict):
        yield from _compare(old.with_node(old.node["items"]), new.with_node(new.node["items"]), f"{path}[]")


def _types(schema: _SchemaNode) -> set[str]:
    if "anyOf" in schema.node:
        return {kind for branch in schema.node["anyOf"] for kind in _types(schema.with_node(branch))}
    kind = schema.node.get("type")
    return set(kind) if isinstance(kind, list) else {kind} if kind else set()


def _branches_by_type(schema: _SchemaNode) -> dict[str, _SchemaNode]:
    """Return the branches of a union by their type; the unions of the contracts are a type or null."""
    branches = (schema.with_node(branch) for branch in schema.node.get("anyOf", ()))
    return {kind: branch for branch in branches if "anyOf" not in branch.node and (kind := branch.node.get("type"))}


def _compare_limits(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for limit, shrinks in (("maxLength", True), ("maximum", True), ("minLength", False), ("minimum", False)):
        if limit not in new:
            continue
        tighter = limit not in old or (new[limit] < old[limit] if shrinks else new[limit] > old[limit])
        if tighter:
            yield f"{path}: {limit} became tighter"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{path}: the pattern changed"


def _compare_properties(old: _SchemaNode, new: _SchemaNode, path: str) -> Iterator[str]:
    before: Schema = old.node.get("properties", {})
    after: Schema = new.node.get("properties", {})
    for name in sorted(before.keys() - after.keys()):
        yield f"{path}.{name}: the field is gone"
    for name in sorted(set(new.node.get("required", ())) - set(old.node.get("required", ()))):
        yield f"{path}.{name}: the field became required"
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(old.with_node(before[name]), new.with_node(after[name]), f"{path}.{name}")
