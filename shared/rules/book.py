"""The rules file: every version of the rules, checked when a service starts."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Self

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from shared.errors import PermanentError
from shared.rules.model import Rules
from shared.rules.source import RulesFault, RulesSource


class RulesError(PermanentError):
    """The rules file cannot be used; `faults` are what to mend in it, in the order of its lines."""

    def __init__(self, message: str, faults: tuple[RulesFault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class RuleBook(BaseModel):
    """All versions of the rules in the order in which they took effect."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    versions: tuple[Rules, ...]

    @classmethod
    def load(cls, path: Path) -> RuleBook:
        """Return the book in `path`; a `RulesError` lists every fault with its place in the file."""
        source = _read(path)
        faults = source.faults
        try:
            # Through JSON, so that strict checking takes text for dates and codes and nothing else for numbers.
            book = cls.model_validate_json(orjson.dumps(source.document, option=orjson.OPT_NON_STR_KEYS))
        except ValidationError as error:
            faults += tuple(source.fault(each["loc"], each["msg"]) for each in error.errors())
        if faults:
            # A fault that later versions take over is told once, where it stands.
            ordered = tuple({(each.line, each.rule, each.message): each for each in sorted(faults, reverse=True)}.values())[
                ::-1
            ]
            lines = "\n".join(f"  {fault}" for fault in ordered)
            raise RulesError(f"{path} breaks the form of a rules file; mend these and start again:\n{lines}", ordered)
        return book

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.versions:
            raise ValueError("versions is empty; at least one is needed")
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

    def of_month(self, month: str) -> Rules:
        """Return the rules by which the figures of a month, like `2026-10`, are shown: those in force on its last day.

        Revisions of a month keep to them, whatever the rules have become since. Before the first version, the first.
        """
        last = date.fromisoformat(f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]}")
        return self.in_force(max(last, self.versions[0].effective_from))

    def version(self, name: str) -> Rules:
        """Return the version that a past decision recorded."""
        found = next((rules for rules in self.versions if rules.version == name), None)
        if found is None:
            raise RulesError(f"the rules file lacks version {name}, under which decisions were made; put it back")
        return found


def _read(path: Path) -> RulesSource:
    try:
        return RulesSource.read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"{path} cannot be read ({error}); set GONGSHI_RULES to the rules file") from error
    except yaml.YAMLError as error:
        raise RulesError(f"{path} is not valid YAML; mend it and start again:\n{error}", _yaml_faults(error)) from error


def _yaml_faults(error: yaml.YAMLError) -> tuple[RulesFault, ...]:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return (RulesFault(error.problem_mark.line + 1, "file", error.problem or "not valid YAML"),)
    return (RulesFault(0, "file", str(error)),)
