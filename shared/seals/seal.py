"""Signing and checking of seals, and the key that signs them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.contracts.seals import JournalHead, JournalSealed
from shared.ed25519_keys import load_private_key, write_private_key
from shared.errors import PermanentError

CONTEXT = b"gongshi.journal.sealed.v1\n"
NO_SEAL = "0" * 64


class InvalidSeal(PermanentError):
    """A seal is not signed by the key that it names, or not by the one that is trusted."""


class SealingKey:
    """The private key of the sealer."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()

    @classmethod
    def generate(cls) -> Self:
        """Return a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load_or_create(cls, file: Path) -> Self:
        """Read the key, or make one in a file that only its owner may read. Raises `UnusableKey`."""
        if file.exists():
            return cls(load_private_key(file))
        made = cls.generate()
        write_private_key(file, made._key)  # noqa: SLF001 - its own class
        return made

    def seal(self, number: int, previous: str, sealed_at: datetime, journals: Sequence[JournalHead]) -> JournalSealed:
        """Return a signed seal. `previous`: the digest of the seal before it, `NO_SEAL` for the first."""
        fields = {"number": number, "previous": previous, "sealed_at": sealed_at, "journals": tuple(journals)}
        unsigned = JournalSealed(**fields, public_key=self.public_key, signature="0" * 128)
        return unsigned.model_copy(update={"signature": self._key.sign(signed_bytes(unsigned)).hex()})


def signed_bytes(seal: JournalSealed) -> bytes:
    """Return what a seal signs: its type and all its fields but the signature, as JSON with sorted keys."""
    fields = seal.model_dump(mode="json", exclude={"signature"}, exclude_unset=True)
    return CONTEXT + orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def seal_digest(seal: JournalSealed) -> str:
    """Return the SHA-256 by which the next seal refers to this one."""
    return hashlib.sha256(signed_bytes(seal)).hexdigest()


def verify_signature(seal: JournalSealed, public_key: str = "") -> None:
    """Raise `InvalidSeal` unless the seal is signed by this key; by the key that it names itself where none is given."""
    if public_key and seal.public_key != public_key:
        raise InvalidSeal(f"seal {seal.number} is of another key")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.public_key))
        key.verify(bytes.fromhex(seal.signature), signed_bytes(seal))
    except (InvalidSignature, ValueError) as error:
        raise InvalidSeal(f"seal {seal.number} is not signed by its key") from error


def find_seal_faults(seals: Iterable[JournalSealed], public_key: str = "") -> list[str]:
    """Return a sentence for each seal that is forged, missing or out of order, and for each journal that shrinks in them."""
    faults: list[str] = []
    before: JournalSealed | None = None
    for seal in seals:
        try:
            verify_signature(seal, public_key or (before.public_key if before else ""))
        except InvalidSeal as error:
            faults.append(str(error))
        faults += _faults_of_succession(before, seal)
        before = seal
    return faults


def _faults_of_succession(before: JournalSealed | None, seal: JournalSealed) -> list[str]:
    number, previous = (before.number, seal_digest(before)) if before else (0, NO_SEAL)
    if seal.number != number + 1:
        return [f"seal {seal.number} follows seal {number}"]
    if seal.previous != previous:
        return [f"seal {seal.number} does not follow from seal {number}"]
    counts = {head.journal: head.entries for head in seal.journals}
    shrunk = [head.journal for head in before.journals if counts.get(head.journal, -1) < head.entries] if before else []
    return [f"seal {seal.number} has fewer entries of {journal} than seal {number}" for journal in shrunk]
