"""`gongshi secrets`: passwords and keys of a set-up in containers, a file each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.intake.comparison import MATCHING_KEY_FILE
from services.publisher.bureau import KEY_FILE as SCREEN_LEASE_KEY_FILE
from shared.accounts.second_factor import KEY_FILE as SECOND_FACTOR_KEY_FILE
from shared.database.logins import make_passwords
from shared.key_file import read_or_make_key
from shared.stream.access import account_names, file_of
from shared.stream.signature import make_keys


def secrets(folder: Annotated[Path, typer.Argument(help="Where to write them; what is there stays as it is.")]) -> None:
    """Make passwords of logins and accounts, and the keys that services share or a backup needs; only this user may read them.

    Examples:
        gongshi secrets ./secrets
    """
    made = len(make_passwords(folder)) + len(make_passwords(folder, account_names(), file_of))
    keys = (SECOND_FACTOR_KEY_FILE, SCREEN_LEASE_KEY_FILE, MATCHING_KEY_FILE)
    for name in keys:
        read_or_make_key(folder / name)
    make_keys(folder / "rulings.pem", folder / "rulings.pub")
    typer.echo(f"{made} passwords, {', '.join(keys)} and the keys of rulings in {folder}")
