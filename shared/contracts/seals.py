"""Events of the sealer: signed states of the journals, one after another."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.envelope import Event

SEALS = "gongshi.seals"
DIGEST = r"^[0-9a-f]{64}$"


class JournalHead(BaseModel):
    """The state of one journal: how many entries, the hash of the last one, the root of the Merkle tree over all of them.

    Digests are SHA-256 in hexadecimal; `head` is 64 zeros where there is no entry. The leaves of the tree are the hashes of the
    entries (RFC 6962).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    journal: str = Field(pattern=r"^[a-z]{1,32}$")
    entries: int = Field(ge=0)
    head: str = Field(pattern=DIGEST)
    root: str = Field(pattern=DIGEST)


class JournalSealed(Event):
    """All journals as they were at a moment, signed with Ed25519 by a key that no service has.

    `previous` is the SHA-256 of what the seal before this one signed, 64 zeros for the first. `public_key` and `signature`
    are in hexadecimal.
    """

    type: ClassVar[str] = "gongshi.journal.sealed.v1"
    topic: ClassVar[str] = SEALS

    number: int = Field(ge=1)
    previous: str = Field(pattern=DIGEST)
    sealed_at: AwareDatetime
    journals: tuple[JournalHead, ...]
    public_key: str = Field(pattern=DIGEST)
    signature: str = Field(pattern=r"^[0-9a-f]{128}$")

    def key(self) -> str:
        """Return the public key: the seals of one key are ordered."""
        return self.public_key
