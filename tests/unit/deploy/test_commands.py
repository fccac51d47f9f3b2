"""The command line: every command is found, has help with an example, and costs the list of commands nothing."""

import os
import subprocess
import sys

import asyncpg
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from deploy.cli.commands import ENTRIES, app
from deploy.cli.errors import explain
from deploy.cli.lazy import Entry
from deploy.cli.up import UnknownServiceError, parse_service
from deploy.databases import message_of
from shared.errors import GongshiError
from shared.settings import Settings

COMMANDS = sorted(entry.name for entry in ENTRIES)
SUMMARY_WIDTH = 60  # what a terminal of 80 columns leaves beside the longest name
HEAVY = ("aiokafka", "asyncpg", "faststream", "pydantic", "rich", "services", "structlog")
IMPORTED = "import sys; from deploy.cli import main\ntry: main()\nfinally: print(*sorted(sys.modules), file=sys.stderr)"


def gongshi(*arguments: str, code: str = "from deploy.cli import main; main()", **environment: str):
    """Run the command in a process of its own, with none of our variables but the given ones."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GONGSHI_")}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_command_has_help_with_an_example(entry: Entry) -> None:
    command = entry.load()

    for found in getattr(command, "commands", {entry.name: command}).values():
        each = found.entry.load() if hasattr(found, "entry") else found
        assert "Examples:\n    gongshi " in (each.help or ""), each.name


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_stand_line_by_line(name: str) -> None:
    command = get_command(app).commands[name].entry.load()  # type: ignore[attr-defined]
    arguments = [next(iter(command.commands))] if hasattr(command, "commands") else []

    answer = CliRunner().invoke(app, [name, *arguments, "--help"])

    assert answer.exit_code == 0
    assert "\n  Examples:\n      gongshi " in answer.output


def test_help_lists_the_commands_in_whole_lines() -> None:
    answer = CliRunner().invoke(app, ["--help"], terminal_width=80)

    assert answer.exit_code == 0
    assert all(f"\n  {name} " in answer.output for name in COMMANDS)
    assert "..." not in answer.output.partition("Commands:")[2]
    assert all(len(entry.summary) <= SUMMARY_WIDTH for entry in ENTRIES)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_list_of_commands_imports_no_command(option: str) -> None:
    imported = {name.partition(".")[0] for name in gongshi(option, code=IMPORTED).stderr.split()}

    assert "typer" in imported
    assert imported & set(HEAVY) == set()


def test_the_version_is_that_of_the_distribution() -> None:
    answer = CliRunner().invoke(app, ["--version"])

    assert answer.output == "gongshi 0.1.0\n"


def test_a_mistyped_command_is_answered_with_a_close_one() -> None:
    answer = CliRunner().invoke(app, ["statsu"])

    assert answer.exit_code == 2
    assert "Did you mean 'status'" in answer.output


def test_an_unknown_service_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(UnknownServiceError, match="publisher, intake, stats, corrections"):
        parse_service("intakes")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("figures", "--by", "month,shop"), "'month,shop'"),
        (("figures", "--by", "month", "--period", "2026-13"), "'2026-13'"),
        (("close-month", "October"), "'October'"),
        (("draft-month", "2026-1"), "'2026-1'"),
        (("screens", "add", "Mall 1", "--name", "x"), "'Mall 1'"),
        (("screens", "add", "mall-1", "--name", "x", "--region", "000000"), "'000000'"),
        (("sources", "add", "no spaces"), "'no spaces'"),
        (("import", "list.csv", "--source", "no spaces"), "'no spaces'"),
        (("import", "list.csv", "--source", "/gongshi/intake"), "'/gongshi/intake'"),
        (("dead-letters", "show", "intakes:1"), "intakes:1"),
        (("up", "--services", "intake,shop"), "'shop'"),
        (("run", "shop"), "'shop'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_value_that_is_not_taken_is_named_with_what_is_allowed(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(GongshiError) as refused:
        get_command(app).main(list(arguments), standalone_mode=False)

    assert words in str(refused.value)
    assert len(str(refused.value)) > len(words) + len("A month is like ; not")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("GONGSHI_KAFKA_PORT", "nineteen", "GONGSHI_KAFKA_PORT=nineteen is not allowed: "),
        ("GONGSHI_LOG_FORMAT", "xml", "GONGSHI_LOG_FORMAT=xml is not allowed: "),
        ("GONGSHI_HOEM", "/tmp", "GONGSHI_HOEM is no setting (did you mean GONGSHI_HOME?)."),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(variable: str, value: str, words: str) -> None:
    outcome = gongshi("status", **{variable: value})

    assert outcome.returncode in {1, 2}
    assert outcome.stderr.startswith(f"gongshi: {words}")
    assert len(outcome.stderr.splitlines()) == 1


def test_the_value_of_a_secret_setting_is_not_shown() -> None:
    try:
        Settings(database_url=7)  # type: ignore[arg-type]
    except ValueError as error:
        sentence = explain(error)

    assert sentence is not None
    assert sentence.startswith("DATABASE_URL is not allowed: ")


def test_a_file_that_cannot_be_read_is_named() -> None:
    assert explain(FileNotFoundError(2, "No such file or directory", "list.csv")) == "list.csv: No such file or directory."


def test_an_error_of_the_program_itself_is_not_hidden() -> None:
    assert explain(KeyError("operator")) is None


def refused_row() -> asyncpg.UniqueViolationError:
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.detail = "Key (phone)=(13800138000) already exists."  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refused_row(), "duplicate key value violates unique constraint"),
        (asyncpg.InvalidTextRepresentationError('invalid input syntax for type integer: "13800138000"'), "22P02"),
        (asyncpg.DataError("invalid input for query argument $1: '13800138000'"), "DataError"),
    ],
)
def test_what_the_database_refuses_is_told_without_the_row(error: Exception, words: str) -> None:
    for sentence in (explain(error) or "", message_of(error)):
        assert words in sentence
        assert "13800138000" not in sentence
