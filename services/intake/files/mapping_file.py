"""Mapping files: read and checked, with findings in words for who writes them; those that ship are found by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from services.intake.files.mapping import MappingInvalid, SourceMapping
from services.intake.files.mapping_rules import AnyOf, Joined, Part, RevisionOrder
from shared.tables.nearest import suggestion

SHIPPED = Path(__file__).parent.parent / "mappings"


def list_shipped() -> list[str]:
    """Return the names of the mappings that ship."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def shipped_titles() -> dict[str, str]:
    """Return what each mapping that ships is for, as its first line says, by name."""
    return {name: _first_line(SHIPPED / f"{name}.yaml") or name for name in list_shipped()}


def _first_line(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines, "").removeprefix("#").strip().rstrip("。")


def find_mapping(name: str) -> Path:
    """Return the file of a mapping: one that ships by its name, any other by its path."""
    return SHIPPED / f"{name}.yaml" if name in list_shipped() else Path(name)


def load_mapping(path: Path) -> SourceMapping:
    """Load a mapping file. Raises `MappingInvalid` with the findings."""
    try:
        return SourceMapping.model_validate(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingInvalid("bad_mapping", file=path, findings=error) from error
    except ValidationError as error:
        findings = "; ".join(_describe(finding["loc"], finding["type"], finding["msg"]) for finding in error.errors())
        raise MappingInvalid("bad_mapping", file=path, findings=findings) from error


_WORDS = {
    "missing": "this is required",
    "extra_forbidden": "a mapping has no such key",
    "model_type": "a mapping is YAML, with `columns:` and under it a line `field: heading` for each column",
    "dict_type": "under this belong lines `name: value`",
    "mapping_type": "under this belong lines `name: value`",
    "string_type": "a text belongs here; put quotation marks around a number",
    "tuple_type": "a list belongs here, like [one, two]",
    "frozen_set_type": "a list belongs here, like [one, two]",
    "bool_parsing": "true or false belongs here",
    "literal_error": "this is not one of the words that are possible here",
}


_KEYS = [key for part in (SourceMapping, AnyOf, Joined, Part, RevisionOrder) for key in part.model_fields]


def _describe(place: Sequence[int | str], kind: str, message: str) -> str:
    """Return a finding in words for who writes a mapping. Places in brackets are the validator's own."""
    words = _WORDS.get(kind, message.removeprefix("Value error, "))
    named = [str(part) for part in place if not str(part).startswith(("(", "["))]
    if kind == "extra_forbidden":
        words += suggestion(named[-1], _KEYS)
    return f"{'.'.join(named)}: {words}" if named else words
