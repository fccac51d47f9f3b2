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
from shared.settings import Settings


@cache
def program(name: str, package: str) -> Path:
    """Return a program: the one on the path, else the one of a Debian package, which is unpacked and not installed.

    The unpacked program is cached beside the engines' files. Skips the test, with the reason, where there is none.
    """
    if found := shutil.which(name):
        return Path(found)
    with lock_tools() as folder:
        cached = folder / name
        if not cached.exists():
            _unpack(name, package, cached)
    return cached


@contextmanager
def lock_tools() -> Iterator[Path]:
    """Yield the folder of unpacked programs to one process of the test run at a time."""
    folder = Settings().cache / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    with lock_folder(folder):
        yield folder


def _unpack(name: str, package: str, target: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        pytest.skip(f"no {name} on the path, and no apt-get to fetch one with")
    folder = target.parent / f"{name}.unpacked"
    folder.mkdir(parents=True, exist_ok=True)
    if _download(package, folder) is None and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], check=False, capture_output=True)
    archive = _download(package, folder)
    if archive is None:
        pytest.skip(f"no {name} on the path, and the package {package} could not be fetched")
    subprocess.run(["dpkg-deb", "--extract", archive, folder], check=True)
    (folder / "usr" / "bin" / name).replace(target)
    shutil.rmtree(folder)


def _download(package: str, folder: Path) -> Path | None:
    subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=False, capture_output=True)
    return next(iter(folder.glob("*.deb")), None)


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
