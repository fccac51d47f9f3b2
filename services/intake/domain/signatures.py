"""Signatures of reports over Kafka: who produced a record cannot be seen in it, so its source proves itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.domain.findings import create_finding
from services.intake.domain.keys import may_send_for
from shared.stream import ValidationFinding

EVERYBODY = "*"


def sign(key: bytes, source: str, event_id: str, body: bytes) -> str:
    """Return the signature of a report: HMAC-SHA256 in hexadecimal over source, id and body with a line feed between.

    `key`: the SHA-256 of the source's key, which is all that intake stores of it.
    """
    return hmac.new(key, b"\n".join((source.encode(), event_id.encode(), body)), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """Which reports need a signature. `keys`: of sources that sign, by name; `unsigned`: who need not, `*` is everybody.

    A source that signs may have several keys, or none any more.
    """

    keys: Mapping[str, Sequence[bytes]]
    unsigned: tuple[str, ...]

    @property
    def is_void(self) -> bool:
        """Whether nobody needs a signature."""
        return not self.keys and EVERYBODY in self.unsigned

    def find_fault(self, source: str, event_id: str, body: bytes, signature: bytes | None) -> ValidationFinding | None:
        """Return what is wrong with the proof of a report. The longest name that covers its source decides."""
        holders = [name for name in self.keys if may_send_for(name, source)]
        if holders:
            keys = self.keys[max(holders, key=len)]
            matches = [hmac.compare_digest(sign(key, source, event_id, body).encode(), signature or b"") for key in keys]
            return None if any(matches) else create_finding("source", "wrong_source")
        if EVERYBODY in self.unsigned or any(may_send_for(name, source) for name in self.unsigned):
            return None
        return create_finding("source", "unsigned_source")
