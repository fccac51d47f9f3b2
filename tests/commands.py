"""Run commands of `gongshi`, each in a process of its own with its own environment.

An interpreter takes one to two seconds to import what a command runs, and tests run some two hundred: they are forked from a process
that has imported it (`tests.command_server`). How a command starts from nothing is tested where that matters, by `gongshi up` and `gongshi demo`.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from shared.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


class Finished(NamedTuple):
    """A command that has ended: exit code, standard output, standard error."""

    code: int
    output: str
    messages: str


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables that name the system of these settings to a command."""
    return {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "GONGSHI_TOPIC_PREFIX": settings.topic_prefix,
        "GONGSHI_HOME": str(settings.home),
    }


async def gongshi(
    variables: Mapping[str, str], *arguments: object, stdin: str = "", standard_error: int | None = None, folder: Path = ROOT
) -> Finished:
    """Run `gongshi` with these arguments, and these variables beside those of the tests.

    With a descriptor as `standard_error`, a terminal's for example, its messages go there and not into what is returned.
    """
    request = {
        "environment": {**os.environ, **variables},
        "arguments": [str(argument) for argument in arguments],
        "folder": str(folder),
    }
    (given, giving), (reading, output), (exit_code, answer) = (os.pipe() for _ in range(3))
    messages, errors = os.pipe() if standard_error is None else (os.open(os.devnull, os.O_RDONLY), os.dup(standard_error))
    theirs = [given, output, errors, answer]
    socket.send_fds(_server(), [json.dumps(request).encode()], theirs)
    for descriptor in theirs:
        os.close(descriptor)
    printed, warned, code, _ = await asyncio.gather(
        *(asyncio.to_thread(_read, descriptor) for descriptor in (reading, messages, exit_code)),
        asyncio.to_thread(_write, giving, stdin.encode()),
    )
    return Finished(int(code), printed, warned)


def _read(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read().decode()


def _write(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


@cache
def _server() -> socket.socket:
    """Start the process that runs commands, once in a process of tests; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = (sys.executable, "-m", "tests.command_server", str(theirs.fileno()))
    process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()
    atexit.register(lambda: (ours.close(), process.wait()))
    return ours
