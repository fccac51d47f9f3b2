"""`gongshi secrets`: the passwords of a set-up in containers, a file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shared.database.logins import make_passwords
from shared.stream.access import account_names, file_of

ADMINISTRATOR = "administrator"


def secrets(folder: Annotated[Path, typer.Argument(help="Where to write them; what is there stays as it is.")]) -> None:
    """Make a password for each login of the database and each account of the broker, in files that only this user may read.

    Examples:
        gongshi secrets ./secrets
    """
    made = len(make_passwords(folder)) + len(make_passwords(folder, (*account_names(), ADMINISTRATOR), file_of))
    typer.echo(f"{made} passwords in {folder}")
