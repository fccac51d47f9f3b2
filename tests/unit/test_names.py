"""Names of the code keep to the glossary: no word of our own where the field has one, no one-letter names over many lines."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("deploy", "services", "shared", "tests") for path in (ROOT / folder).rglob("*.py"))
# Coordinates, a parameter of addresses, the quantile of a normal distribution, a type variable.
LETTERS = frozenset("xyqzT_")
SECTION = re.compile(r"## Words that are no names\n(.*?)(?:\n## |\Z)", re.DOTALL)
# Which field of a node holds the name that it binds.
FIELDS: dict[type[ast.AST], str] = {
    ast.Name: "id",
    ast.arg: "arg",
    **dict.fromkeys(
        (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.MatchAs, ast.MatchStar, ast.ExceptHandler), "name"
    ),
}
# What neither binds a name nor holds what does.
LEAVES = (ast.Constant, ast.Load, ast.Store, ast.alias, ast.operator, ast.cmpop)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


def unused_words() -> frozenset[str]:
    """The words of the glossary that no name may have as a part."""
    section = SECTION.search((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert section is not None
    return frozenset(word for row in re.findall(r"^\| `(.*?)` \|", section[1], re.MULTILINE) for word in row.split("`, `"))


WORDS = unused_words()


def find_faults(source: str) -> list[str]:
    """Return the names that are one letter, and those with an unused word; a comprehension or lambda of one line is free."""
    faults = []
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, COMPREHENSIONS) and node.lineno == node.end_lineno:
            continue
        name = _bound_name(node)
        if name and ((len(name) == 1 and name not in LETTERS) or (not _is_sentence(name) and WORDS & set(_parts(name)))):
            faults.append(name)
        nodes += [each for each in ast.iter_child_nodes(node) if not isinstance(each, LEAVES)]
    return faults


def _bound_name(node: ast.AST) -> str | None:
    """Return the name that a node binds, or None."""
    field = FIELDS.get(type(node))
    if field is None or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
        return None
    name: str | None = getattr(node, field)
    return name


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
