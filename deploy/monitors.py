"""Prometheus, Alertmanager and their checkers for the tests: those on the path, else Debian's packages, unpacked in the cache.

`python -m deploy.monitors` finds or unpacks them and prints their folder. Unpacking needs no root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.errors import PermanentError
from shared.settings import Settings

PROGRAMS = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
PACKAGES = ("prometheus", "prometheus-alertmanager")
# Debian's Alertmanager reads its own templates there and nowhere else; it is the one thing that needs root.
TEMPLATES = Path("/usr/share/prometheus/alertmanager")


class MonitorsMissing(PermanentError):
    """Neither on the path nor as a Debian package is there a Prometheus and an Alertmanager; install both."""


def ensure_monitors() -> dict[str, Path]:
    """Return the path of each of `PROGRAMS`; unpack Debian's packages where one is missing. Raises `MonitorsMissing`."""
    folder = Settings().cache / "monitors"
    found = _find(folder)
    if len(found) < len(PROGRAMS):
        unpack_packages(folder, PACKAGES)
        found = _find(folder)
    _install_templates(folder)
    if missing := [name for name in PROGRAMS if name not in found]:
        raise MonitorsMissing(f"There is no {' and no '.join(missing)} here; install Debian's {' and '.join(PACKAGES)}.")
    return found


def has_templates() -> bool:
    """Whether Debian's Alertmanager finds the templates without which it does not start."""
    return TEMPLATES.exists()


def _find(folder: Path) -> dict[str, Path]:
    path = os.pathsep.join([os.environ.get("PATH", ""), str(folder / "usr" / "bin")])
    return {name: Path(program) for name in PROGRAMS if (program := shutil.which(name, path=path))}


def unpack_packages(folder: Path, packages: Sequence[str]) -> None:
    """Fetch Debian's packages and unpack them into the folder; nothing is installed, and a failure leaves nothing."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        parts = Path(scratch, "parts")
        fetch = partial(_run, "apt-get", "download", "-q", *packages, cwd=scratch)
        if not fetch() and not (os.geteuid() == 0 and _run("apt-get", "update", "-q") and fetch()):
            return
        if all(_run("dpkg-deb", "-x", str(package), str(parts)) for package in Path(scratch).glob("*.deb")):
            # Another process may have been quicker.
            with suppress(OSError):
                parts.rename(folder)


def _install_templates(folder: Path) -> None:
    source = folder / TEMPLATES.relative_to("/")
    if os.geteuid() == 0 and source.exists() and not has_templates():
        shutil.copytree(source, TEMPLATES, dirs_exist_ok=True)


def _run(*command: str, cwd: str | None = None) -> bool:
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False).returncode == 0  # noqa: S603


def main() -> int:
    """Find or unpack the programs and print their paths; return 1 when they are not to be had."""
    try:
        programs = ensure_monitors()
    except MonitorsMissing as error:
        print(f"monitors: {error}", flush=True)  # noqa: T201 - the command's own output
        return 1
    print("\n".join(f"monitors: {path}" for path in programs.values()), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
