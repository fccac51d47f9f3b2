"""The account PostgreSQL runs under: it refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """An unprivileged account. `reach`: the paths it must use lie below directories that are closed to it."""

    uid: int
    gid: int
    reach: bool


def unprivileged(*paths: Path) -> Account | None:
    """`nobody` when this process is root, None when it is not and can run the engine itself.

    paths: what the engine must be able to read and enter, for example a virtual environment below /root.
    """
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, reach=not all(open_to_all(path) for path in paths))


def open_to_all(path: Path) -> bool:
    """Whether every account may enter all directories above path."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
