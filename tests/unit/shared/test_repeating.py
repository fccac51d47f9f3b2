"""What is repeated is done at once and again after each pause; a failure reaches whoever restarts the task."""

import asyncio

import pytest

from shared.service import repeat_every


async def test_it_is_done_at_once_and_again():
    done = asyncio.Queue()

    async def act():
        done.put_nowait(done.qsize())

    task = asyncio.create_task(repeat_every(0.001, act)())
    try:
        async with asyncio.timeout(10):
            await done.get()
            await done.get()
    finally:
        task.cancel()


async def test_it_is_done_once_until_the_pause_is_over():
    done = []

    async def act():
        done.append(True)

    task = asyncio.create_task(repeat_every(3_600, act)())
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()

    assert done == [True]


async def test_a_failure_ends_it():
    async def fail():
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        await repeat_every(0, fail)()
