"""The password file of the embedded database: a URL can name it instead of the password, for every client of libpq's kind."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

FILE = Path("postgresql") / "pgpass"
MODE = 0o600  # clients ignore a file that others may read


def write_passfile(home: Path, user: str, password: str) -> None:
    """Write the file for every port and database of the embedded server, whose password is URL-safe."""
    file = home / FILE
    file.touch(mode=MODE)
    file.write_text(f"127.0.0.1:*:*:{user}:{password}\n", encoding="utf-8")


def without_password(url: str, home: Path) -> str:
    """Return the URL without its password; that of the embedded database names the password file of `home` instead."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    address = f"{parts.username}@{parts.netloc.rpartition('@')[2]}"
    query = parse_qsl(parts.query, keep_blank_values=True)
    file = (home / FILE).absolute()
    if _is_for(file, parts.password):
        query.append(("passfile", str(file)))
    return urlunsplit(parts._replace(netloc=address, query=urlencode(query)))


def _is_for(file: Path, password: str) -> bool:
    try:
        return file.read_text(encoding="utf-8").rstrip("\n").endswith(f":{password}")
    except OSError:
        return False
