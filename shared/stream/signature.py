"""Signed events: a topic on which people's rights hang is taken from its one producer only, whoever else could write to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from aiokafka import ConsumerRecord
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.contracts.rulings import RULINGS
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream.record import header_value

HEADER = "gongshi_signature"
SIGNED_HEADERS = ("ce_id", "ce_type", "ce_source", "ce_time")
SIGNED_TOPICS = frozenset({RULINGS})
LENGTH_BYTES = 4
PRIVATE_MODE = 0o600


class UnusableKey(PermanentError):
    """This file holds no Ed25519 key in PEM."""


class Signer:
    """Signs the events of one producer."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, topic: str, headers: Iterable[tuple[str, bytes]], key: bytes | None, value: bytes | None) -> bytes:
        """Return the signature of a record of a topic, named without its prefix."""
        return self._key.sign(_signed_bytes(topic, dict(headers), key, value)).hex().encode()


class Verifier:
    """Knows the events of one producer by their signatures."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def verify(self, topic: str, record: ConsumerRecord) -> bool:
        """Whether a record of a topic, named without its prefix, is signed. A copy at another offset is: it has the same id."""
        try:
            signature = bytes.fromhex((header_value(record, HEADER) or b"").decode("ascii", "replace"))
            headers = {name: value for name, value in reversed(record.headers) if value is not None}
            self._key.verify(signature, _signed_bytes(topic, headers, record.key, record.value))
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed_bytes(topic: str, headers: dict[str, bytes], key: bytes | None, value: bytes | None) -> bytes:
    """Return what is signed: each part behind its length, so that no two records have the same."""
    parts = (topic.encode(), *(headers.get(name, b"") for name in SIGNED_HEADERS), key or b"", value or b"")
    return b"".join(len(part).to_bytes(LENGTH_BYTES, "big") + part for part in parts)


def load_signer(settings: Settings) -> Signer | None:
    """Return the signer of this process, if it has a key. Raises `UnusableKey`."""
    if settings.rulings_key is None:
        return None
    key = _load(settings.rulings_key, lambda data: serialization.load_pem_private_key(data, password=None))
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(f"{settings.rulings_key}: {UnusableKey.__doc__}")
    return Signer(key)


def load_verifier(settings: Settings, topic: str) -> Verifier | None:
    """Return what the records of a topic are verified by; None where they need no signature. Raises `UnusableKey`."""
    if topic not in SIGNED_TOPICS or settings.rulings_public_key is None:
        return None
    key = _load(settings.rulings_public_key, serialization.load_pem_public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableKey(f"{settings.rulings_public_key}: {UnusableKey.__doc__}")
    return Verifier(key)


def _load(file: Path, read: Callable[[bytes], object]) -> object:
    try:
        return read(file.read_bytes())
    except (ValueError, TypeError) as error:
        raise UnusableKey(f"{file}: {UnusableKey.__doc__}") from error


def make_keys(private: Path, public: Path) -> None:
    """Make a pair of keys where there is none: the private one for its owner only."""
    if private.exists() and public.exists():
        return
    key = Ed25519PrivateKey.generate()
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private.unlink(missing_ok=True)
    private.touch(mode=PRIVATE_MODE)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    formats = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(*formats))
