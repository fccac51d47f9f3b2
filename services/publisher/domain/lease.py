"""Signed leases of display screens: until when a screen may show what it has.

A token is `screen.until.seq.credential.signature`: it holds for the secret that the screen has now. The signature is
HMAC-SHA256 under the key of this installation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

# The key authenticates other things as well: nothing that was made for another purpose is a lease.
PURPOSE = b"lease "
# Of a token without its signature; tokens of earlier releases had one fewer.
PARTS = 4


@dataclass(frozen=True, slots=True)
class Lease:
    """A screen may show what was released up to `seq` until `until`; `credential` names the secret that it stands on."""

    screen_id: str
    until: datetime
    seq: int
    credential: str

    def token(self, key: bytes) -> str:
        """Return the signed token of the lease."""
        body = f"{self.screen_id}.{int(self.until.timestamp())}.{self.seq}.{self.credential}"
        return f"{body}.{_signature(key, body)}"


def verify_lease_token(token: str, key: bytes) -> Lease | None:
    """Return the lease of a token, None where its signature is not ours; the caller checks whether it has lapsed."""
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(key, body).encode()):
        return None
    parts = body.rsplit(".", 3)
    if len(parts) != PARTS:
        return None
    screen_id, until, seq, credential = parts
    return Lease(screen_id, datetime.fromtimestamp(int(until), UTC), int(seq), credential)


def _signature(key: bytes, body: str) -> str:
    digest = hmac.new(key, PURPOSE + body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
