"""Names of the code keep to the glossary: no word of our own where the field has one, no one-letter names over many lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("deploy", "services", "shared", "tests") for path in (ROOT / folder).rglob("*.py"))
# Coordinates, a parameter of addresses, the quantile of a normal distribution, a type variable.
LETTERS = frozenset("xyqzT_")
SECTION = re.compile(r"## Words that are no names\n(.*?)(?:\n## |\Z)", re.DOTALL)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


def unused_words() -> frozenset[str]:
    """The words of the glossary that no name may have as a part."""
    section = SECTION.search((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert section is not None
    return frozenset(word for row in re.findall(r"^\| `(.*?)` \|", section[1], re.MULTILINE) for word in row.split("`, `"))


WORDS = unused_words()


def names(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield every name that a module binds, and what binds it."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name, node


def find_faults(source: str) -> list[str]:
    """Return the names that are one letter outside a comprehension of one line, and those with an unused word."""
    tree = ast.parse(source)
    short = {id(each) for node in ast.walk(tree) if _is_one_line(node) for each in ast.walk(node)}
    return [
        name
        for name, node in names(tree)
        if (len(name) == 1 and name not in LETTERS and id(node) not in short)
        or (not _is_sentence(name) and WORDS & set(_parts(name)))
    ]


def _is_one_line(node: ast.AST) -> bool:
    return isinstance(node, COMPREHENSIONS) and node.lineno == node.end_lineno


def _is_sentence(name: str) -> bool:
    """Return whether it is the name of a test: that is a sentence about what people see."""
    return name.startswith("test_")


def _parts(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


@pytest.mark.parametrize("folder", ["deploy", "services", "shared", "tests"])
def test_every_name_is_a_word_of_the_field(folder: str) -> None:
    faults = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in FILES
        if path.is_relative_to(ROOT / folder)
        for name in find_faults(path.read_text(encoding="utf-8"))
    }

    assert sorted(faults) == []


@pytest.mark.parametrize(
    "source",
    [
        "def told(): ...",
        "class StandingPartition: ...",
        "for r in rows: ...",
        "rows = [\n    r.value\n    for r in records\n]",
        "match row:\n    case [said]: ...",
    ],
)
def test_a_name_that_the_glossary_excludes_is_found(source: str) -> None:
    assert find_faults(source)


def test_short_names_of_one_line_and_words_that_contain_others_are_names() -> None:
    assert find_faults("total = sum(r.value for r in rows)\nmistold = {k: v for k, v in rows}\n") == []
