"""The account PostgreSQL runs under: it refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Account:
    """An unprivileged account. `needs_dac_override`: a directory above the paths that it uses is closed to it."""

    uid: int
    gid: int
    needs_dac_override: bool


def unprivileged_account(*paths: Path) -> Account | None:
    """Return the account `nobody` if this process is root, otherwise None: it runs the engine itself.

    paths: what the engine must be able to read and enter, such as a virtual environment below /root.
    """
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, needs_dac_override=not all(is_world_traversable(path) for path in paths))


def is_world_traversable(path: Path) -> bool:
    """Whether every account may enter all directories above the path."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
