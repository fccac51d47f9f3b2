"""Files of Ed25519 keys in PEM: those that sign rulings and seals, and those that verify them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.errors import PermanentError

FOLDER_MODE, PRIVATE_MODE = 0o700, 0o600


class UnusableKey(PermanentError):
    """This file holds no Ed25519 key in PEM."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file}: {self.__doc__}")


def load_private_key(file: Path) -> Ed25519PrivateKey:
    """Return the private key of a file. Raises `UnusableKey`."""
    key = _load(file, lambda data: serialization.load_pem_private_key(data, password=None))
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(file)
    return key


def load_public_key(file: Path) -> Ed25519PublicKey:
    """Return the public key of a file. Raises `UnusableKey`."""
    key = _load(file, serialization.load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableKey(file)
    return key


def _load(file: Path, read: Callable[[bytes], object]) -> object:
    try:
        return read(file.read_bytes())
    except (ValueError, TypeError) as error:
        raise UnusableKey(file) from error


def write_private_key(file: Path, key: Ed25519PrivateKey) -> None:
    """Write a private key into a new file that only its owner may read. Raises `FileExistsError`."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    file.touch(mode=PRIVATE_MODE, exist_ok=False)
    formats = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, *formats))


def write_public_key(file: Path, key: Ed25519PublicKey) -> None:
    """Write a public key into a file."""
    file.write_bytes(key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
