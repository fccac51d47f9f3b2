"""The rules file: every version of the rules, checked when a service starts."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.errors import PermanentError
from shared.rules.model import Rules


class RulesError(PermanentError):
    """The rules file cannot be used."""


class RuleBook(BaseModel):
    """All versions of the rules in the order in which they took effect."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    versions: Annotated[tuple[Rules, ...], Field(min_length=1)]

    @classmethod
    def load(cls, path: Path) -> RuleBook:
        """Return the book in `path`; a `RulesError` lists every fault with its place in the file."""
        try:
            # Through JSON, so that strict checking takes text for dates and codes and nothing else for numbers.
            return cls.model_validate_json(orjson.dumps(_read(path)))
        except ValidationError as error:
            faults = "\n".join(f"  {_location(fault['loc'])}: {fault['msg']}" for fault in error.errors())
            raise RulesError(f"{path} breaks the form of a rules file; mend these and start again:\n{faults}") from error

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for earlier, later in pairwise(self.versions):
            if later.effective_from <= earlier.effective_from:
                raise ValueError(
                    f"version {later.version} must take effect after version {earlier.version}; put versions in order"
                )
        names = [rules.version for rules in self.versions]
        if len(set(names)) < len(names):
            raise ValueError("two versions have the same name; name each version once")
        return self

    def in_force(self, day: date) -> Rules:
        """Return the rules in force on `day`."""
        effective = [rules for rules in self.versions if rules.effective_from <= day]
        if not effective:
            first = self.versions[0]
            raise RulesError(
                f"no rules are in force on {day}: the first version, {first.version}, begins on {first.effective_from};"
                " add the version that was in force before"
            )
        return effective[-1]

    def version(self, name: str) -> Rules:
        """Return the version that a past decision recorded."""
        found = next((rules for rules in self.versions if rules.version == name), None)
        if found is None:
            raise RulesError(f"the rules file lacks version {name}, under which decisions were made; put it back")
        return found


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key may stand only once: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> object:
    try:
        # The loader is a SafeLoader; only its treatment of keys differs.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{path} cannot be read ({error}); set GONGSHI_RULES to the rules file") from error
    except yaml.YAMLError as error:
        raise RulesError(f"{path} is not valid YAML; mend it and start again:\n{error}") from error


def _location(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"
