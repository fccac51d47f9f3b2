"""The account PostgreSQL runs under: it refuses to run as root."""

import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NAMES = ("gongshi", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account. `needs_dac_override`: a directory above the paths that it uses is closed to it."""

    uid: int
    gid: int
    needs_dac_override: bool


def unprivileged_account(*paths: Path) -> Account | None:
    """Return an account for the engine if this process is root, otherwise None: it runs the engine itself.

    It is the one that owns the last of the paths, the engine's data, if there are any; else `gongshi` or `postgres` where the
    machine has one; else `nobody`, which other programs may share, but to whom the state directory is closed.
    paths: what the engine must be able to read and enter, such as a virtual environment below /root.
    """
    if os.geteuid() != 0:
        return None
    chosen = _owner(paths[-1]) or next(entry for name in NAMES if (entry := _find(name)))
    return Account(chosen.pw_uid, chosen.pw_gid, needs_dac_override=not all(is_world_traversable(path) for path in paths))


def _owner(data: Path) -> pwd.struct_passwd | None:
    uid = data.stat().st_uid if data.exists() else 0
    return pwd.getpwuid(uid) if uid else None


def _find(name: str) -> pwd.struct_passwd | None:
    with suppress(KeyError):
        return pwd.getpwnam(name)
    return None


def is_world_traversable(path: Path) -> bool:
    """Whether every account may enter all directories above the path."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
