"""Passwords wait in a small queue, in which a known device finds a place while strangers are turned away."""

from __future__ import annotations

import asyncio
import threading

import pytest

from shared.accounts.password_queue import MAX_STRANGERS, MAX_WAITING, PasswordQueue, TooManyWaiting


async def test_strangers_are_turned_away_before_known_devices_are() -> None:
    queue, gate = PasswordQueue(), threading.Event()
    waiting = [asyncio.create_task(queue.run(gate.wait)) for _ in range(MAX_STRANGERS)]
    await asyncio.sleep(0)

    with pytest.raises(TooManyWaiting):
        await queue.run(gate.wait)
    waiting += [asyncio.create_task(queue.run(gate.wait, is_known=True)) for _ in range(MAX_WAITING - MAX_STRANGERS)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyWaiting):
        await queue.run(gate.wait, is_known=True)
    gate.set()
    assert await asyncio.gather(*waiting) == [True] * MAX_WAITING
    assert await queue.run(lambda: "free again") == "free again"
    queue.close()


async def test_one_password_at_a_time_is_hashed_and_not_by_the_event_loop() -> None:
    queue, running, threads = PasswordQueue(), threading.Lock(), set[str]()

    def hash_password() -> bool:
        threads.add(threading.current_thread().name)
        alone = running.acquire(blocking=False)
        running.release()
        return alone

    assert await asyncio.gather(*(queue.run(hash_password) for _ in range(MAX_STRANGERS))) == [True] * MAX_STRANGERS
    assert threading.current_thread().name not in threads
    queue.close()


async def test_strangers_keep_to_a_share_of_a_core_and_known_devices_wait_for_none_of_it() -> None:
    now, slept = [100.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    def hash_password() -> None:
        now[0] += 1.0

    queue = PasswordQueue(clock=lambda: now[0], sleep=sleep)
    for _ in range(5):
        await queue.run(hash_password)
    # Once the credit is used up each waits for seven times what the one before took.
    assert slept == [0.0, 3.0, 7.0, 7.0, 7.0]
    await queue.run(hash_password, is_known=True)
    assert len(slept) == 5
    now[0] += 1_000.0
    await queue.run(hash_password)
    assert slept[5:] == [0.0]
    queue.close()
