"""Every act that a journal can record has a word on the audit page."""

import ast
from pathlib import Path

import pytest

from shared.web.operations.actions import ACTIONS
from shared.web.sign_in import JOURNALLED

ROOT = Path(__file__).parents[3]


def literal_acts(source: str) -> set[str]:
    """Return the acts that are written out where a `JournalEntry` is made, in a condition too."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and len(node.args) > 1]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "JournalEntry"]
    chosen = [
        part
        for call in made
        for part in ([call.args[1].body, call.args[1].orelse] if isinstance(call.args[1], ast.IfExp) else [call.args[1]])
    ]
    return {part.value for part in chosen if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_act_that_a_journal_records_has_a_word():
    sources = [path for folder in ("services", "shared", "deploy") for path in (ROOT / folder).rglob("*.py")]
    acts = set(JOURNALLED.values()).union(*(literal_acts(path.read_text(encoding="utf-8")) for path in sources))

    assert len(acts) > 30
    assert acts - ACTIONS.keys() == set()


@pytest.mark.parametrize(
    ("source", "acts"),
    [
        ('JournalEntry(name, "unheard_of", item)', {"unheard_of"}),
        ('JournalEntry(name, "made" if new else "changed", item)', {"made", "changed"}),
        ("JournalEntry(name, action, item)", set()),
    ],
)
def test_an_act_without_a_word_would_be_found(source, acts):
    assert literal_acts(source) == acts
