"""The queue of uploaded lists: one change at a time, nothing swept that is at work, and it goes on whatever happens."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.files.uploads import KEPT, State, UploadStore
from services.intake.upload_queue import UploadBusy, UploadQueue

AT = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
OVER = AT + KEPT + timedelta(seconds=1)


class VanishingStore(UploadStore):
    """A store from which one list vanishes as soon as it is read."""

    vanishing = ""

    def mapping_of(self, upload):
        if upload.token == self.vanishing:
            self.delete(upload.token)
        return super().mapping_of(upload)


@pytest.fixture
def store(tmp_path):
    return VanishingStore(tmp_path / "uploads")


@pytest.fixture
def queue(store):
    return UploadQueue(store, None)


def create(store):
    return store.create(io.BytesIO(b"%PDF-1.7 x"), "list.csv", "chen", AT)


def test_what_is_at_work_is_not_swept_and_not_started_twice(queue, store):
    at_work, held, left = create(store), create(store), create(store)
    queue.start(at_work, State.CHECKING)

    with queue.hold(held):
        queue.sweep(OVER)
        with pytest.raises(UploadBusy), queue.hold(held):
            pass

    assert store.find(at_work.token)
    assert store.find(held.token)
    assert store.find(left.token) is None
    assert not queue.is_at_work(held)
    with pytest.raises(UploadBusy):
        queue.start(at_work, State.IMPORTING)
    with pytest.raises(UploadBusy), queue.hold(at_work):
        pass


async def test_the_queue_goes_on_after_a_list_that_vanished(queue, store):
    vanishing, following = create(store), create(store)
    store.vanishing = vanishing.token
    for upload in (vanishing, following):
        queue.start(upload, State.CHECKING)

    running = asyncio.create_task(queue.run(None))
    async with asyncio.timeout(10):
        while queue.is_at_work(following) and not running.done():
            await asyncio.sleep(0)
    running.cancel()

    assert not queue.is_at_work(vanishing)
    assert store.find(following.token).state is State.FAILED
