"""The command `gongshi`: one module for each group of commands, mounted in `commands`."""

from __future__ import annotations

import os
import sys

import typer

from shared.errors import GongshiError
from shared.settings import unknown_variables


def main() -> None:
    """Run the command line. What gongshi has a word for is told in a sentence, without a traceback."""
    # Not above: other parts of `deploy` use modules of single commands, and some commands use those parts.
    from deploy.cli.commands import app

    for sentence in unknown_variables(os.environ):
        typer.echo(f"gongshi: {sentence}", err=True)
        sys.exit(2)
    try:
        app()
    except GongshiError as error:
        typer.echo(f"gongshi: {error}", err=True)
        sys.exit(1)
