"""Encryption of what the database has to hold and nobody who reads the database, or a copy of it, may use."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import PermanentError

KEY_BYTES = 32
# NIST SP 800-38D, 8.2.2: drawn at random, for far less than 2^32 texts under one key.
NONCE_BYTES = 12
FORM = b"v1."


class OtherKey(PermanentError):
    """A secret was stored under another key than this installation's, or for something else."""


class SecretBox:
    """Encrypts and decrypts by AES-256-GCM, under a key that is derived from the installation's (RFC 5869) for one purpose.

    `context`: whose secret it is, as additional data, so that one put in the place of another is not read. What was stored
    before by Fernet is still read; it has no context.
    """

    def __init__(self, key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(_derive(key, f"{purpose}/aes-256-gcm"))
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(key, purpose)))

    def encrypt(self, text: str, context: str = "") -> bytes:
        """Return the text encrypted and authenticated, in ASCII."""
        nonce = os.urandom(NONCE_BYTES)
        return FORM + base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), context.encode()))

    def decrypt(self, token: bytes, context: str = "") -> str:
        """Return the text. Raises `OtherKey`."""
        try:
            if not token.startswith(FORM):
                return self._fernet.decrypt(token).decode()
            data = base64.urlsafe_b64decode(token.removeprefix(FORM))
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, InvalidToken, ValueError):
            raise OtherKey from None


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
