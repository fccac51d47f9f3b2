"""The EventSource of npm, which is none of ours: installed in the cache by the lock file beside its script, followed line by line."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from shared.settings import Settings

SOURCE = Path(__file__).parent / "node_client"
FILES = ("package.json", "package-lock.json", "follow.mjs")
# Of the version that the lock file pins.
MIN_NODE = 18


def install() -> tuple[str, Path]:
    """Return node and the script, installed; skip the test, with the reason, where node or its packages are not to be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("There is no node with npm here; install Debian's nodejs and npm.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < MIN_NODE:
        pytest.skip(f"node {version} is too old for the event source of npm, which wants {MIN_NODE}.")
    digest = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = Settings().cache / "node" / digest
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as scratch:
            for name in FILES:
                shutil.copy(SOURCE / name, scratch)
            ran = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=scratch,
                capture_output=True,
                text=True,
                check=False,
            )
            if ran.returncode:
                pytest.skip(f"npm does not get the event source: {ran.stderr.strip()[-300:]}")
            shutil.copytree(scratch, folder, dirs_exist_ok=True)
    return node, folder / "follow.mjs"


class EventSource:
    """A stream as the client tells it; `events` are all so far: name, id, data."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._arrived = asyncio.Condition()

    def named(self, *names: str) -> list[dict[str, Any]]:
        """Return the events of names, in the order in which they came."""
        return [event for event in self.events if event["name"] in names]

    async def until(self, name: str, **data: object) -> dict[str, Any]:
        """Return the first event of a name whose data has these values, once it is there."""

        def find() -> dict[str, Any] | None:
            return next((event for event in self.named(name) if data.items() <= event.get("data", {}).items()), None)

        async with asyncio.timeout(60), self._arrived:
            await self._arrived.wait_for(find)
        found = find()
        assert found is not None
        return found

    async def read(self, lines: asyncio.StreamReader) -> None:
        """Read what the client prints until it ends."""
        async for line in lines:
            async with self._arrived:
                self.events.append(json.loads(line))
                self._arrived.notify_all()


@asynccontextmanager
async def follow(address: str, cookie: str, names: Sequence[str]) -> AsyncIterator[EventSource]:
    """Follow a stream with a cookie; `names` are the events that are of interest, `open` and `error` come besides."""
    node, script = install()
    process = await asyncio.create_subprocess_exec(node, script, address, cookie, *names, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    source = EventSource()
    reading = asyncio.create_task(source.read(process.stdout))
    try:
        yield source
    finally:
        process.kill()
        await process.wait()
        await reading
