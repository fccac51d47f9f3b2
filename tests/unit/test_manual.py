"""The manual is true: its commands parse, its addresses exist, its event is valid, its tables name every code."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from deploy.cli.commands import app
from services.intake.domain.findings import MESSAGES
from shared.settings import Settings, variable_names
from shared.stream.blocked_partitions import BlockCause
from shared.stream.record import DeadLetterReason

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    DOCS / f"{name}.md"
    for name in ("integrate", "install", "operate", "clerk", "drafter", "reviewer", "officer", "screen", "codes")
]
SERVICES = ("publisher", "intake", "stats", "corrections")
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
ADDRESS = re.compile(r"`(?:(?:GET|POST) )?(/(?:ops|desk|intake|stats|corrections|api|feeds|screens)[^`\s]*)`")
CODE = re.compile(r"^\| `([a-z0-9_]+)` \|", re.MULTILINE)
PROBLEM_FUNCTIONS = {"respond_with_problem": 2, "problem_response": 1}


def examples() -> Iterator[tuple[str, str]]:
    """Yield every line of the examples of a shell, those that go on joined."""
    for page in PAGES:
        for block in SHELL.findall(page.read_text(encoding="utf-8")):
            for line in re.sub(r"\\\n", " ", block).splitlines():
                if line.strip():
                    yield page.name, line.strip()


COMMANDS = [(page, line) for page, line in examples() if line.startswith("gongshi")]


def parse(line: str) -> None:
    """Parse a command line as the program would, without running it."""
    _, *words = shlex.split(line)
    command, path = typer.main.get_command(app), []
    while words and words[0] in getattr(command, "commands", {}):
        path.append(words.pop(0))
        command = command.commands[path[-1]]  # type: ignore[attr-defined]
        command = command.entry.load() if hasattr(command, "entry") else command
    assert not getattr(command, "commands", None), f"there is no command {' '.join([*path, *words])}"
    command.make_context(" ".join(path) or "gongshi", words, resilient_parsing=False)


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_of_the_manual_exists_with_its_options(page, line):
    if line.split()[1:] == ["--version"]:
        return
    parse(line)


def test_a_command_that_does_not_exist_is_found():
    for line in ("gongshi backups /x", "gongshi backup", "gongshi restore /x --replac"):
        with pytest.raises((AssertionError, typer._click.exceptions.UsageError)):  # type: ignore[attr-defined]
            parse(line)


def paths_of(routes: list[Any]) -> Iterator[str]:
    """Yield the paths of routes, those of routers within routers too."""
    for route in routes:
        if router := getattr(route, "original_router", None):
            yield from paths_of(router.routes)
        elif path := getattr(route, "path", None):
            yield path


def routes() -> set[str]:
    return {
        re.sub(r"\{[^}]*\}", "x", path)
        for service in SERVICES
        for path in paths_of(import_module(f"services.{service}.app").create_app(Settings()).router.routes)
    }


def test_every_address_of_the_manual_is_one():
    known = routes()
    addresses = {(page.name, address) for page in PAGES for address in ADDRESS.findall(page.read_text(encoding="utf-8"))}

    def is_known(address):
        plain = re.sub(r"\{[^}]*\}|mall-1|basic(?=\.atom)", "x", address)
        return any(route == plain or route.startswith(plain + "/") for route in known)

    assert len(addresses) > 20
    assert sorted((page, address) for page, address in addresses if not is_known(address)) == []


def test_the_table_of_codes_names_every_code():
    named = set(CODE.findall((DOCS / "codes.md").read_text(encoding="utf-8")))

    assert {*MESSAGES, *(reason.value for reason in DeadLetterReason), *(cause.value for cause in BlockCause)} <= named
    assert problem_codes() <= named
    assert len(problem_codes()) > 8


def problem_codes() -> set[str]:
    """Return the codes of problem documents that are written out in the code."""
    paths = [path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py")]
    return {code for path in paths for code in codes_of(ast.parse(path.read_text(encoding="utf-8")))}


def codes_of(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in PROBLEM_FUNCTIONS:
                place = PROBLEM_FUNCTIONS[name]
                match arguments[place : place + 1]:
                    case [ast.Constant(value=str(code))]:
                        yield code


def test_every_setting_of_the_manual_is_one():
    known = {*variable_names().values(), "GONGSHI_IMAGE"}
    named = {name for page in PAGES for name in re.findall(r"GONGSHI_[A-Z_]+", page.read_text(encoding="utf-8"))}

    assert named
    assert named <= known


def test_every_page_of_the_manual_is_linked_from_its_index():
    index = (DOCS / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in PAGES if f"({page.name})" not in index] == []


def test_every_link_of_the_manual_leads_somewhere():
    broken = [
        (page.name, target)
        for page in [*PAGES, DOCS / "README.md"]
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
