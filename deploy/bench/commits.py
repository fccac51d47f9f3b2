"""Another commit of this repository in a worktree and an environment of its own, to be measured beside this one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import orjson

from shared.errors import PermanentError

ROOT = Path(__file__).parents[2]
# Beside the environment of the other peer; both are in .gitignore.
PLACE = ROOT / ".venv-bench-commits"
SHORT = 12


class CommitFailed(PermanentError):
    """The commit could not be checked out, installed or measured."""


async def resolve(commit: str) -> str:
    """Return the first twelve characters of the commit's hash. Raises `CommitFailed` where there is none, or no repository."""
    return (await run_here("git", "rev-parse", "--verify", f"{commit}^{{commit}}")).decode().strip()[:SHORT]


async def ensure_commit(commit: str) -> Path:
    """Return the tree of a commit with its environment in `.venv`, both made at the first use, with what the commit pins."""
    tree = PLACE / commit
    if not tree.exists():
        await run_here("git", "worktree", "add", "--detach", "--force", str(tree), commit)
    if not (tree / ".venv" / ".installed").exists():
        python = str(tree / ".venv" / "bin" / "python")
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        await run_here(sys.executable, "-m", "venv", "--clear", str(tree / ".venv"))
        await run_here(*pip, "--require-hashes", "-r", str(tree / "requirements.lock"))
        await run_here(*pip, "--no-deps", "--no-build-isolation", "--editable", str(tree))
        (tree / ".venv" / ".installed").touch()
    return tree


async def run_bench(tree: Path, *arguments: str) -> dict[str, Any]:
    """Run `gongshi bench` of a tree and return its JSON line."""
    lines = (await _run(tree, str(tree / ".venv" / "bin" / "gongshi"), "bench", *arguments)).splitlines()
    return dict(orjson.loads(lines[-1]))


async def run_here(*command: str) -> bytes:
    """Run a command in this repository and return what it prints."""
    return await _run(ROOT, *command)


async def _run(directory: Path, *command: str) -> bytes:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise CommitFailed(f"{command[0]} cannot be run: {error}") from error
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise CommitFailed(f"{' '.join(command[:3])} failed:\n{errors.decode(errors='replace')[-2000:]}")
    return output
