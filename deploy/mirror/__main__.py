"""`python -m deploy.mirror URL FILE`: bring a mirror up to date, and print how many items it has and their digest.

The file can be copied out of here and run alone. Items and cursor are stored in one transaction, so a mirror that is
stopped anywhere goes on where it was, and has at the end exactly what is public.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (item_id TEXT PRIMARY KEY, release_seq INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cursor (singleton INTEGER PRIMARY KEY CHECK (singleton = 1), release_seq INTEGER NOT NULL);
INSERT OR IGNORE INTO cursor VALUES (1, 0);
"""
TIMEOUT_S = 60
ATTEMPTS = 8
BUSY = frozenset({429, 502, 503, 504})


def fetch(address: str) -> dict[str, Any]:
    """Return the JSON at an address; a server that is busy is asked again after the time that it names."""
    for attempt in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(address, timeout=TIMEOUT_S) as response:  # noqa: S310 the address is the caller's
                body: dict[str, Any] = json.load(response)
                return body
        except urllib.error.HTTPError as error:
            if error.code not in BUSY or attempt == ATTEMPTS - 1:
                raise
            time.sleep(float(error.headers.get("Retry-After") or 2**attempt))
        except (urllib.error.URLError, TimeoutError):
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(2**attempt)
    raise AssertionError("unreachable")


def follow(database: sqlite3.Connection, url: str, limit: int = 500) -> int:
    """Bring a mirror up to date; return the number of changes."""
    database.executescript(SCHEMA)
    count = 0
    while True:
        (cursor,) = database.execute("SELECT release_seq FROM cursor").fetchone()
        page = fetch(f"{url.rstrip('/')}/api/delta?cursor={cursor}&limit={limit}")
        with database:
            for change in page["changes"]:
                if change["op"] == "delete":
                    database.execute("DELETE FROM items WHERE item_id = ?", (change["item_id"],))
                else:
                    row = (change["item_id"], change["release_seq"], canonical(change["item"]))
                    database.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", row)
            database.execute("UPDATE cursor SET release_seq = ?", (page["next_cursor"],))
        count += len(page["changes"])
        if page["complete"]:
            return count


def canonical(item: dict[str, Any]) -> str:
    """Return an item as text that is the same for the same item."""
    return json.dumps(item, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def lines(database: sqlite3.Connection) -> Iterator[str]:
    """Yield the items in the order of their releases."""
    for (body,) in database.execute("SELECT body FROM items ORDER BY release_seq"):
        yield body


def digest(database: sqlite3.Connection) -> str:
    """Return the SHA-256 of all items, a line each, in the order of their releases."""
    found = hashlib.sha256()
    for line in lines(database):
        found.update(line.encode() + b"\n")
    return found.hexdigest()


def main(url: str, file: str) -> None:
    """Bring the mirror in a file up to date."""
    with closing(sqlite3.connect(file)) as database:
        changes = follow(database, url)
        (items,) = database.execute("SELECT count(*) FROM items").fetchone()
        (cursor,) = database.execute("SELECT release_seq FROM cursor").fetchone()
        summary = {"changes": changes, "items": items, "release_seq": cursor, "sha256": digest(database)}
    print(json.dumps(summary))  # noqa: T201 - the command's own output


if __name__ == "__main__":
    main(*sys.argv[1:])
