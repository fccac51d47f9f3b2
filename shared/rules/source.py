"""A rules file as it is read: each version completed from the one before it, and the line that a rule stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

VERSIONS = "versions"
CITATION = "citation"
# What every version says of itself.
OWN_KEYS = frozenset({"version", "effective_from", CITATION})

Location = tuple[int | str, ...]


@dataclass(frozen=True, slots=True, order=True)
class RulesFault:
    """One fault of a rules file: where it stands (`line` from 1, 0 for the file as a whole), and what to mend."""

    line: int
    place: str
    message: str

    @property
    def rule(self) -> str:
        """The place without the number of its version."""
        first, _, rest = self.place.partition(".")
        return rest.partition(".")[2] if first == VERSIONS else self.place

    def __str__(self) -> str:
        """Return the fault as one line of text."""
        return f"{f'line {self.line}: ' if self.line else ''}{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class RulesSource:
    """The document of a rules file with its versions completed; `faults` are amendments without a citation of their own."""

    document: Any
    faults: tuple[RulesFault, ...]
    _node: yaml.Node | None

    @classmethod
    def read(cls, path: Path) -> RulesSource:
        """Read a file. Raises `OSError`, `UnicodeDecodeError` and `yaml.YAMLError`."""
        loader = _UniqueKeys(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            document = loader.construct_document(node) if node else None
        finally:
            loader.dispose()
        if not isinstance(document, dict) or not isinstance(document.get(VERSIONS), list):
            return cls(document, (), node)
        versions, uncited = _complete(document[VERSIONS])
        faults = tuple(
            RulesFault(_line(node, place), describe(place), "changes a rule of the version before and names no citation")
            for place in uncited
        )
        return cls(document | {VERSIONS: versions}, faults, node)

    def fault(self, location: Location, message: str) -> RulesFault:
        """Return a fault at a place of the completed document, with the line of what stands nearest to it."""
        return RulesFault(_line(self._node, location), describe(location), message)


def describe(location: Location) -> str:
    """Return a place in words: keys and numbers with dots between."""
    return ".".join(str(part) for part in location) or "file"


def _complete(versions: Sequence[Any]) -> tuple[list[Any], list[Location]]:
    completed: list[Any] = []
    uncited: list[Location] = []
    for number, version in enumerate(versions):
        before = completed[-1] if completed else None
        if isinstance(version, dict) and isinstance(before, dict):
            kept = {key: value for key, value in before.items() if key not in OWN_KEYS}
            completed.append(_amend(kept, version, (VERSIONS, number), uncited))
        else:
            completed.append(version)
    return completed, uncited


def _amend(before: Mapping[Any, Any], change: Mapping[Any, Any], place: Location, uncited: list[Location]) -> dict[Any, Any]:
    amended = dict(before)
    for key, value in change.items():
        known = before.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            amended[key] = _amend(known, value, (*place, key), uncited)
        else:
            amended[key] = value
    # A rule that is changed rests on another paper than before; a group of rules, as the list of boards, has no citation.
    changes_rule = any(not isinstance(value, dict) for value in change.values())
    if changes_rule and CITATION in before and CITATION not in change:
        uncited.append(place)
    return amended


def _line(node: yaml.Node | None, location: Location) -> int:
    """Return the line of a place, 0 for the file as a whole.

    What a version does not say itself stands in the nearest version before it that does.
    """
    if len(location) > 1 and location[0] == VERSIONS and isinstance(location[1], int):
        found = [_descend(node, (VERSIONS, number, *location[2:])) for number in range(location[1], -1, -1)]
        return max(found, key=lambda depth_and_line: depth_and_line[0])[1]
    return _descend(node, location)[1]


def _descend(node: yaml.Node | None, location: Location) -> tuple[int, int]:
    """Return how far a location leads, and the line of the last place that there is."""
    depth, line = 0, 0
    for part in location:
        step = _child(node, part)
        if step is None:
            break
        key, node = step
        depth, line = depth + 1, key.start_mark.line + 1
    return depth, line


def _child(node: yaml.Node | None, part: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


class _UniqueKeys(yaml.CSafeLoader):
    """YAML in which a key may stand only once: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)
