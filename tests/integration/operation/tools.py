"""Operations programs that the tests run for real, from Debian packages where the machine has none."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from deploy.embedded.jars import lock_folder
from deploy.monitors import unpack_packages
from shared.settings import Settings


@cache
def program(name: str, package: str) -> Path:
    """Return a program: the one on the path, else the one of a Debian package, which is unpacked and not installed.

    The unpacked program is cached beside the engines' files. Skips the test, with the reason, where there is none.
    """
    if found := shutil.which(name):
        return Path(found)
    with lock_tools() as folder:
        unpacked = folder / package
        if not unpacked.exists():
            unpack_packages(unpacked, [package])
    found = unpacked / "usr" / "bin" / name
    if not found.exists():
        pytest.skip(f"no {name} on the path, and the package {package} could not be fetched")
    return found


@contextmanager
def lock_tools() -> Iterator[Path]:
    """Yield the folder of unpacked programs to one process of the test run at a time."""
    folder = Settings().cache / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    with lock_folder(folder):
        yield folder


@cache
def compose() -> tuple[str, ...]:
    """Return the command of a Compose that can read files; Debian's is installed where that may be done."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if _runs(*command, "version"):
            return command
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "docker-compose"]
        with lock_tools():
            subprocess.run(install, check=False, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if not _runs("docker-compose", "version"):
        pytest.skip("no docker compose on the path, and Debian's could not be installed")
    return ("docker-compose",)


def _runs(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False, capture_output=True).returncode == 0
