"""A token is a lease where it was made as one under the key of this installation, and for no other purpose."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from services.publisher.domain.lease import PURPOSE, Lease, verify_lease_token

KEY = b"k" * 32
LEASE = Lease("hall", datetime(2026, 11, 28, 12, tzinfo=UTC), 7, "c1")
BODY = "hall.1795867200.7.c1"


def signed(message: bytes) -> str:
    """Return the token of a lease with what this key makes of a message in the place of its signature."""
    digest = hmac.new(KEY, message, hashlib.sha256).digest()
    return f"{BODY}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_a_lease_is_read_as_it_was_made() -> None:
    assert verify_lease_token(LEASE.token(KEY), KEY) == LEASE
    assert LEASE.token(KEY) == signed(PURPOSE + BODY.encode())


@pytest.mark.parametrize("purpose", [b"", b"mail ", b"pairing."])
def test_what_the_key_made_for_another_purpose_is_no_lease(purpose: bytes) -> None:
    assert verify_lease_token(signed(purpose + BODY.encode()), KEY) is None
