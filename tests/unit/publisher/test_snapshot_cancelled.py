"""A snapshot that is stopped in the middle leaves no open file and no folder."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from services.publisher.open_data.snapshot import SnapshotStore
from services.publisher.store import open_data

AT = datetime(2026, 11, 28, tzinfo=UTC)


async def test_a_stopped_service_leaves_nothing_half_made(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    started = asyncio.Event()

    async def fetch_batch(_connection: object, _after: int, _limit: int) -> list[object]:
        started.set()
        await asyncio.sleep(60)
        return []

    async def last_release_seq(_connection: object) -> int:
        return 3

    monkeypatch.setattr(open_data, "fetch_batch", fetch_batch)
    monkeypatch.setattr(open_data, "last_release_seq", last_release_seq)
    store = SnapshotStore.of_home(tmp_path)
    making = asyncio.create_task(store._make(None, AT))  # type: ignore[arg-type]
    await started.wait()
    making.cancel()

    with pytest.raises(asyncio.CancelledError):
        await making
    assert list((tmp_path / "open-data").iterdir()) == []
