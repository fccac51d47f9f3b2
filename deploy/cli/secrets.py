"""`gongshi secrets`: passwords and keys of a set-up in containers, a file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shared.accounts.second_factor import KEY_FILE
from shared.database.logins import make_passwords
from shared.key_file import read_or_make_key
from shared.stream.access import account_names, file_of
from shared.stream.signature import make_keys


def secrets(folder: Annotated[Path, typer.Argument(help="Where to write them; what is there stays as it is.")]) -> None:
    """Make passwords of logins and accounts, and the keys of rulings and second factors; only this user may read them.

    Examples:
        gongshi secrets ./secrets
    """
    made = len(make_passwords(folder)) + len(make_passwords(folder, account_names(), file_of))
    read_or_make_key(folder / KEY_FILE)
    make_keys(folder / "rulings.pem", folder / "rulings.pub")
    typer.echo(f"{made} passwords and the keys of rulings and second factors in {folder}")
