"""A worker is a process that starts with the first request, answers one after the other, and leaves when it is idle."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from shared.personal_data.second_stage import load_second_stage
from shared.personal_data.second_stage.search import NameSearch
from shared.worker_process.process import WorkerDied, WorkerNotStarted, WorkerProcess, WorkerRefused
from tests.workers.echo import HOLD

ECHO = "tests.workers.echo"
TEXTS = ["当时张晓梅带着孩子在云州锦程店里。", "快递送到幸福里小区A座1203。", ""]


@pytest.fixture
async def worker():
    process = WorkerProcess(ECHO)
    yield process
    await process.close()


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def ended(pid: int) -> None:
    """Wait until a process is gone."""
    async with asyncio.timeout(20):
        while is_running(pid):
            await asyncio.sleep(0.01)


async def test_requests_of_several_callers_are_answered_each_with_its_own(worker):
    requests = [b"", *(bytes([n]) * 1000 * n for n in range(1, 20))]

    assert await asyncio.gather(*map(worker.ask, requests)) == requests


async def test_an_error_is_told_by_its_type_and_the_process_goes_on(worker):
    await worker.ask(b"1")
    pid = worker.pid

    with pytest.raises(WorkerRefused, match=r"^LookupError$"):
        await worker.ask(b"refuse")
    assert (await worker.ask(b"2"), worker.pid) == (b"2", pid)


async def test_a_process_that_takes_too_long_is_ended():
    worker = WorkerProcess(ECHO, timeout_s=0.2)

    with pytest.raises(WorkerDied):
        await worker.ask(b"silent")

    assert worker.pid is None


async def test_after_a_request_that_was_given_up_none_gets_its_answer(worker, tmp_path):
    held = tmp_path / "held"
    given_up = asyncio.ensure_future(worker.ask(HOLD + bytes(held)))
    async with asyncio.timeout(20):
        while not held.exists():
            await asyncio.sleep(0.01)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    held.unlink()

    assert await worker.ask(b"2") == b"2"


async def test_an_idle_process_leaves_and_the_next_request_starts_another():
    worker = WorkerProcess(ECHO, idle_s=0)
    await worker.ask(b"1")
    first = worker.pid
    await ended(first)

    assert await worker.ask(b"2") == b"2"
    assert worker.pid != first
    await worker.close()


async def test_a_program_that_cannot_start_says_so():
    with pytest.raises(WorkerNotStarted):
        await WorkerProcess("tests.workers.absent").ask(b"")


async def test_a_worker_ends_with_a_service_that_is_killed():
    service = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.workers.service", stdout=PIPE)
    worker = int(await service.stdout.readline())
    service.kill()
    await service.wait()

    await ended(worker)


async def test_the_process_of_the_second_stage_finds_what_the_model_finds_and_outlives_its_death():
    search, stage = NameSearch(), load_second_stage(["云州锦程"])
    expected = [stage.find_spans(text) for text in TEXTS]

    assert await search.find_spans(TEXTS, ["云州锦程", None]) == expected
    os.kill(search._worker.pid, signal.SIGKILL)
    assert await search.find_spans(TEXTS, ["云州锦程", None]) == expected
    await search.close()
