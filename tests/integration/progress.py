"""What commands print on standard error beside their messages."""

from __future__ import annotations

import re

TITLE = " …\n"
COUNT = re.compile(r": [\d,]+( of [\d,]+)?\n")


def without_progress(messages: str) -> str:
    """Return what a command printed on standard error but for the titles of its steps, and their counts on a slow machine."""
    lines = messages.splitlines(keepends=True)
    titles = tuple(line.removesuffix(TITLE) for line in lines if line.endswith(TITLE))
    return "".join(line for line in lines if not line.endswith(TITLE) and not _is_count(line, titles))


def _is_count(line: str, titles: tuple[str, ...]) -> bool:
    return any(line.startswith(title) and COUNT.fullmatch(line.removeprefix(title)) for title in titles)
