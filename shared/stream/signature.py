"""Signed events: a topic on which people's rights hang is taken from its one producer only, whoever else could write to it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from aiokafka import ConsumerRecord
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.contracts.rulings import RULINGS
from shared.ed25519_keys import load_private_key, load_public_key, write_private_key, write_public_key
from shared.settings import Settings
from shared.stream.record import header_value

HEADER = "gongshi_signature"
SIGNED_HEADERS = ("ce_id", "ce_type", "ce_source", "ce_time")
SIGNED_TOPICS = frozenset({RULINGS})
LENGTH_BYTES = 4


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
    return None if settings.rulings_key is None else Signer(load_private_key(settings.rulings_key))


def load_verifier(settings: Settings, topic: str) -> Verifier | None:
    """Return what the records of a topic are verified by; None where they need no signature. Raises `UnusableKey`."""
    if topic not in SIGNED_TOPICS or settings.rulings_public_key is None:
        return None
    return Verifier(load_public_key(settings.rulings_public_key))


def make_keys(private: Path, public: Path) -> None:
    """Make a pair of keys where there is none: the private one for its owner only."""
    if private.exists() and public.exists():
        return
    key = Ed25519PrivateKey.generate()
    private.unlink(missing_ok=True)
    write_private_key(private, key)
    write_public_key(public, key.public_key())
