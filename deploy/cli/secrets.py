"""`gongshi secrets`: passwords and keys of a set-up in containers, a file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shared.database.logins import make_passwords
from shared.stream.access import account_names, file_of
from shared.stream.signature import make_keys


def secrets(folder: Annotated[Path, typer.Argument(help="Where to write them; what is there stays as it is.")]) -> None:
    """Make the passwords of logins and accounts and the key of the rulings, in files that only this user may read.

    Examples:
        gongshi secrets ./secrets
    """
    made = len(make_passwords(folder)) + len(make_passwords(folder, account_names(), file_of))
    make_keys(folder / "rulings.pem", folder / "rulings.pub")
    typer.echo(f"{made} passwords and the key of the rulings in {folder}")
