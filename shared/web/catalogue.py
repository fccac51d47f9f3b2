"""The English of every page: what the templates and the code say in Chinese, against what the .po files translate.

`python -m shared.web.catalogue services/publisher` brings a directory's .po file up to date; new texts stand there
untranslated until someone writes them. Tests call `untranslated`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as BabelMessage
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false",
                                    "extensions": "jinja2.ext.i18n,jinja2.ext.do"}}  # fmt: skip
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
# A text, or the singular and plural of one that counts.
Message = str | tuple[str, str]
SHARED = Path(__file__).parent
# The shared .po file also speaks for the charts.
CHARTS = SHARED.parent / "charts"


def messages(root: Path) -> dict[Message, list[str]]:
    """Return every Chinese text of the Python code and the templates under `root`, with the files it stands in."""
    found: dict[Message, list[str]] = {}
    for file, _line, message, _comments, _context in _extracted(root):
        found.setdefault(message, []).append(file)
    return found


def untranslated(root: Path) -> list[str]:
    """Return the texts under `root` that have no English, neither in its own .po file nor in the shared one."""
    known = {message.id for po in (_po(root), _po(SHARED)) for message in _read(po) if _translated(message)}
    return sorted(_first(text) for text in messages(root) if text not in known)


def unused(root: Path) -> list[str]:
    """Return the texts of the .po file of `root` that nothing says any more."""
    said = messages(root)
    return sorted(_first(message.id) for message in _read(_po(root)) if message.id and message.id not in said)


def update(root: Path) -> int:
    """Bring the .po file of `root` up to date and return how many texts have no English yet."""
    old = {message.id: message.string for message in _read(_po(root))}
    shared = {message.id for message in _read(_po(SHARED)) if message.id} if root != SHARED else set()
    catalog = Catalog(locale="en", charset="utf-8")
    for text, files in sorted(messages(root).items(), key=lambda pair: (sorted(pair[1]), _first(pair[0]))):
        if text not in shared:
            places = [(file, 0) for file in sorted(set(files))]
            catalog.add(text, old.get(text) or ("" if isinstance(text, str) else ("", "")), locations=places)
    _po(root).parent.mkdir(parents=True, exist_ok=True)
    with _po(root).open("wb") as file:
        write_po(file, catalog, width=110, omit_header=True, include_lineno=False)
    return sum(1 for message in catalog if message.id and not _translated(message))


def _extracted(root: Path) -> Iterator[tuple[str, int, Message, list[str], str | None]]:
    for directory in (SHARED, CHARTS) if root == SHARED else (root,):
        yield from cast(
            "Iterator[tuple[str, int, Message, list[str], str | None]]",
            extract_from_dir(str(directory), METHODS, OPTIONS, keywords=KEYWORDS),
        )


def _translated(entry: BabelMessage) -> bool:
    strings = (entry.string,) if isinstance(entry.string, str) else entry.string or ()
    return bool(entry.id) and bool(strings) and all(strings)


def _first(message: str | Sequence[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _po(root: Path) -> Path:
    return root / "locale" / "en" / "LC_MESSAGES" / "messages.po"


def _read(po: Path) -> Catalog:
    if not po.is_file():
        return Catalog()
    with po.open("rb") as file:
        return read_po(file)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {update(Path(name).resolve())} texts without English")  # noqa: T201 - the command's own output
