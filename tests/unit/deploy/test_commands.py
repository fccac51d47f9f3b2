"""The command line: every command has help with an example; errors say what to do."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from deploy.cli.commands import app
from deploy.cli.up import UnknownServiceError, parse_service

COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    group = get_command(app).commands[name]  # type: ignore[attr-defined]

    for command in getattr(group, "commands", {name: group}).values():
        assert "Example" in (command.help or ""), command.name


def test_help_lists_the_commands() -> None:
    answer = CliRunner().invoke(app, ["--help"])

    assert answer.exit_code == 0
    assert all(name in answer.output for name in COMMANDS)


def test_an_unknown_service_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(UnknownServiceError, match="publisher, intake, stats, corrections"):
        parse_service("intakes")
