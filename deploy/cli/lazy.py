"""Commands whose modules are imported when they run: `gongshi --help` costs no database driver and no broker client."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

if TYPE_CHECKING:
    from typer._click.core import Command, Context

VERBATIM = "\b\n"
"""Before a paragraph: its lines are not joined."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: its name, `module:attribute` of its function or group, and one line for the list of commands."""

    name: str
    target: str
    summary: str

    def load(self) -> Command:
        """Import the module and return the command."""
        module, _, attribute = self.target.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return _plain(get_group(found))
        app = typer.Typer(add_completion=False)
        app.command(name=self.name)(found)
        return _plain(get_command(app))


class LazyCommand(TyperCommand):
    """Stands for a command until its arguments are parsed."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, help=entry.summary)
        self.entry = entry

    def make_context(self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any) -> Context:
        """Parse the arguments by the command itself, which then runs in the returned context."""
        return self.entry.load().make_context(info_name, args, parent, **extra)


def _plain(command: Command) -> Command:
    """Let the command and its subcommands show help without rich, examples line by line."""
    if isinstance(command, TyperCommand | TyperGroup):
        command.rich_markup_mode = None
    command.help = (command.help or "").replace("Examples:\n", f"{VERBATIM}Examples:\n")
    for subcommand in command.commands.values() if isinstance(command, TyperGroup) else ():
        _plain(subcommand)
    return command
