"""The parts of a mapping that are more than a word: which columns hold a field, which part of a cell, what orders revisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

_STRICT = ConfigDict(frozen=True, extra="forbid")

Heading = Annotated[str, Field(min_length=1)]


class RevisionOrder(BaseModel):
    """What tells which of two contents of a complaint is the newer one, where a file has no revision numbers.

    `by`: a column with the moment of the last change; the day on which the file was exported; or the date of the file.
    """

    model_config = _STRICT

    by: Literal["last_change", "export_day", "file_date"]
    column: str | None = None

    @model_validator(mode="after")
    def check_column(self) -> RevisionOrder:
        """Check that a column is named where one is needed, and nowhere else."""
        if (self.by == "last_change") != (self.column is not None):
            raise ValueError("`column` names the column of the last change, for `by: last_change` and nothing else")
        return self


class AnyOf(BaseModel):
    """Headings of which files of the source have one or another; the first cell that is filled counts."""

    model_config = _STRICT

    any_of: Annotated[tuple[Heading, ...], Field(min_length=2)]


class Joined(BaseModel):
    """Columns whose texts together are the field, with `by` between them. A key of two columns needs both of them filled."""

    model_config = _STRICT

    joined: Annotated[tuple[Heading, ...], Field(min_length=2)]
    by: str = " "


def _kind_of(column: Any) -> str:
    if isinstance(column, dict | BaseModel):
        is_joined = isinstance(column, Joined) or (isinstance(column, dict) and "joined" in column)
        return "(joined)" if is_joined else "(any_of)"
    return "(list)" if isinstance(column, list | tuple) else "(heading)"


# What holds a field: a heading, several that are joined, or headings of which a file has one. Tags stand in brackets, so that
# they are told from the words of a mapping in the places of findings.
Column = Annotated[
    Annotated[Heading, Tag("(heading)")]
    | Annotated[tuple[Heading, ...], Tag("(list)")]
    | Annotated[AnyOf, Tag("(any_of)")]
    | Annotated[Joined, Tag("(joined)")],
    Discriminator(_kind_of),
]


class Part(BaseModel):
    """The part of a cell that is the field: the one `at` this place between `separator`s, or its `first` characters.

    Places count from 1, and from the end with a minus. A path that is shorter is its last part.
    """

    model_config = _STRICT

    separator: Annotated[str, Field(min_length=1)] = "->"
    at: int | None = None
    first: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def check_place(self) -> Part:
        """Check that exactly one of the two is said."""
        if (self.at is None) == (self.first is None) or self.at == 0:
            raise ValueError("say `at` (from 1, or -1 for the last part), or `first` (how many characters)")
        return self

    def take(self, text: str) -> str:
        """Return the part of a text."""
        if self.first is not None:
            return text[: self.first]
        parts = [part.strip() for part in text.split(self.separator)]
        at = self.at or 1
        return parts[max(at, -len(parts))] if at < 0 else parts[min(at, len(parts)) - 1]


def alternatives_of(column: Column) -> Sequence[Sequence[str]]:
    """Return what a field needs: groups of headings, of each of which a file has to have one."""
    match column:
        case AnyOf():
            return [column.any_of]
        case Joined():
            return [[heading] for heading in column.joined]
        case str():
            return [[column]]
        case _:
            return [[heading] for heading in column]
