"""The command `gongshi`: one module per group of commands, mounted in `commands`."""

from __future__ import annotations

import os
import sys

import typer

from shared.errors import GongshiError
from shared.settings import unknown_variables


def main() -> None:
    """Run the command line. A `GongshiError` ends it with its message, without a traceback."""
    # Imported here: other parts of `deploy` import single commands, which would make a cycle.
    from deploy.cli.commands import app

    for sentence in unknown_variables(os.environ):
        typer.echo(f"gongshi: {sentence}", err=True)
        sys.exit(2)
    try:
        app()
    except GongshiError as error:
        typer.echo(f"gongshi: {error}", err=True)
        sys.exit(1)
