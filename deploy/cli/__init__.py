"""The command `gongshi`: one module per group of commands, listed in `commands` and imported when one of them runs."""

from __future__ import annotations

import os
import sys

import typer

PREFIX = "GONGSHI_"  # as in shared.settings, whose import would cost `gongshi --help` twice its time


def main() -> None:
    """Run the command line. An error of the input or the environment ends it with a sentence, without a traceback."""
    # Imported here: other parts of `deploy` import single commands, which would make a cycle.
    from deploy.cli.commands import app

    if any(name.startswith(PREFIX) for name in os.environ):
        _reject_unknown_variables()
    try:
        app()
    except Exception as error:
        from deploy.cli.errors import explain

        sentence = explain(error)
        if sentence is None:
            raise
        typer.echo(f"gongshi: {sentence}", err=True)
        sys.exit(1)


def _reject_unknown_variables() -> None:
    from shared.settings import unknown_variables

    for sentence in unknown_variables(os.environ):
        typer.echo(f"gongshi: {sentence}", err=True)
        sys.exit(2)
