"""`gongshi secrets`: the passwords of a set-up in containers, a file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shared.database.logins import make_passwords


def secrets(folder: Annotated[Path, typer.Argument(help="Where to write them; what is there stays as it is.")]) -> None:
    """Make a password for each login of the database, in a file that only this user may read.

    Examples:
        gongshi secrets ./secrets
    """
    made = make_passwords(folder)
    typer.echo(f"{len(made)} passwords in {folder}")
