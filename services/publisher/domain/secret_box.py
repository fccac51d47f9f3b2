"""Encryption of what the database has to hold and nobody who reads the database, or a copy of it, may use."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import PermanentError


class OtherKey(PermanentError):
    """A secret was stored under another key than this installation's: give the target a new one, `gongshi targets rotate`."""


class SecretBox:
    """Encrypts and decrypts under a key that is derived from the installation's (RFC 5869), for one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def encrypt(self, text: str) -> bytes:
        """Return the text encrypted and authenticated."""
        return self._fernet.encrypt(text.encode())

    def decrypt(self, token: bytes) -> str:
        """Return the text. Raises `OtherKey`."""
        try:
            return self._fernet.decrypt(token).decode()
        except InvalidToken:
            raise OtherKey from None
