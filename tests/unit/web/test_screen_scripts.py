"""The scripts of display screens parse in engines of 2017, before modules, async functions and whatever came later."""

from __future__ import annotations

import re

import pytest

from shared.web.catalogue import SHARED

STATIC = SHARED / "static"
SCRIPTS = sorted(STATIC.glob("screen*.js"))
# Comments, strings, templates and regular expressions in this order of appearance; what they contain is no syntax.
OPAQUE = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`""", re.DOTALL)
# Syntax by the edition of ECMAScript that brought it.
NEWER = {
    "exponentiation (2016)": r"\*\*",
    "async function (2017)": r"\basync\b|\bawait\b",
    "trailing comma of arguments (2017)": r",\s*\)",
    "object spread or rest (2018)": r"\{\s*\.\.\.|,\s*\.\.\.[\w.]+\s*\}",
    "catch without a binding (2019)": r"\bcatch\s*\{",
    "optional chaining (2020)": r"\?\.(?!\d)",
    "nullish coalescing (2020)": r"\?\?",
    "big integer (2020)": r"\b\d+n\b",
    "module (not in a classic script)": r"^\s*(?:import|export)\b|\bimport\s*\(",
    "numeric separator (2021)": r"\d_\d",
    "logical assignment (2021)": r"(?:&&|\|\||\?\?)=",
    "private member (2022)": r"#\w",
    "class field (2022)": r"^\s{2,}(?:static\s+)?\w+\s*=(?!=)[^>]*;\s*$(?=\s*(?:\w+\s*\(|constructor))",
}
EXAMPLES = {
    "exponentiation (2016)": "x = 2 ** 3;",
    "async function (2017)": "async function f() {}",
    "trailing comma of arguments (2017)": "f(1,\n);",
    "object spread or rest (2018)": "x = { a: 1, ...rest };",
    "catch without a binding (2019)": "try { f(); } catch { g(); }",
    "optional chaining (2020)": "x = y?.z;",
    "nullish coalescing (2020)": "x = y ?? z;",
    "big integer (2020)": "x = 10n;",
    "module (not in a classic script)": 'import { x } from "./x.js";',
    "numeric separator (2021)": "x = 15_000;",
    "logical assignment (2021)": "x ||= 1;",
    "private member (2022)": "class X { #y() {} }",
    "class field (2022)": "class X {\n    y = 1;\n    constructor() {}\n}",
}


def newer_syntax(source: str) -> list[str]:
    code = OPAQUE.sub('""', source)
    return [name for name, pattern in NEWER.items() if re.search(pattern, code, re.MULTILINE)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_of_screens_has_no_syntax_younger_than_its_players(script):
    assert newer_syntax(script.read_text()) == []


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_younger_syntax_is_noticed(name, example):
    assert name in newer_syntax(example)


def test_every_script_of_screens_is_loaded_by_their_page():
    page = (SHARED.parents[1] / "services" / "publisher" / "templates" / "screens" / "page.html").read_text()

    assert set(re.findall(r"'(screen\w*\.js)'", page)) == {script.name for script in SCRIPTS}


def test_the_style_sheet_of_screens_has_nothing_that_engines_of_2017_drop():
    sheet = re.sub(r"/\*.*?\*/", "", (STATIC / "screen.css").read_text(), flags=re.DOTALL)

    assert (
        re.findall(
            r":is\(|:where\(|:has\(|\b(?:min|max|clamp)\(|\binset:|aspect-ratio:(?!\s*\d+/\d+\))|\d(?:dvh|svh|cqw)", sheet
        )
        == []
    )
    flexible = [rule for rule in re.findall(r"\{([^{}]*)\}", sheet) if "display: flex" in rule]
    assert [rule for rule in flexible if re.search(r"(?<!-)\bgap:", rule)] == []
