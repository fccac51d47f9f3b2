"""Files of secret keys that a program makes for itself on its first start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from shared.errors import PermanentError

KEY_BYTES = 32
FOLDER_MODE, FILE_MODE = 0o700, 0o600


class KeyTooShort(PermanentError):
    """A file of a key holds too few bytes."""


def read_or_make_key(file: Path) -> bytes:
    """Return the key of a file; one that is not there is made, once, however many ask, for its owner alone.

    Raises `KeyTooShort`.
    """
    if not file.exists():
        _make(file)
    key = file.read_bytes()
    if len(key) < KEY_BYTES:
        raise KeyTooShort(f"{file} holds fewer than {KEY_BYTES} bytes; remove it, and a new key is made")
    return key


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    made = file.with_name(f".{file.name}.{os.getpid()}")
    made.touch(mode=FILE_MODE)
    made.write_bytes(secrets.token_bytes(KEY_BYTES))
    try:
        os.link(made, file)
    except FileExistsError:
        pass
    finally:
        made.unlink()
