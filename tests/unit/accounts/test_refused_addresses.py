"""An address that was refused is refused until its window ends, without asking the database; a known browser is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.accounts import attempts
from shared.accounts.attempts import WINDOW, Attempt, RefusedAddresses

ATTEMPT = Attempt("li.na", "192.0.2.1", "", datetime(2026, 10, 9, 8, 1, tzinfo=UTC))


def test_an_address_is_refused_until_its_window_ends() -> None:
    refused = RefusedAddresses()

    assert not refused.has(ATTEMPT)
    refused.add(ATTEMPT)
    assert refused.has(replace(ATTEMPT, name="another"))
    assert not refused.has(replace(ATTEMPT, address="192.0.2.2"))
    assert not refused.has(replace(ATTEMPT, device="a browser"))
    assert not refused.has(replace(ATTEMPT, at=ATTEMPT.at + WINDOW))


def test_no_more_addresses_are_kept_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "KEPT_ADDRESSES", 1)
    refused = RefusedAddresses()
    refused.add(ATTEMPT)
    refused.add(replace(ATTEMPT, address="192.0.2.2"))

    assert not refused.has(replace(ATTEMPT, address="192.0.2.2"))
    later = replace(ATTEMPT, address="192.0.2.2", at=ATTEMPT.at + WINDOW)
    refused.add(later)
    assert refused.has(later)
