"""The English of every page: the Chinese texts of templates and code, compared with the translations in the .po files.

`python -m shared.web.catalogue services/publisher` brings a directory's .po file up to date; new texts are added
without a translation. Tests call `find_untranslated` and `find_unused`.
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
# A text, or the singular and plural of a text with a count.
Message = str | tuple[str, str]
SHARED = Path(__file__).parent
# The shared .po file also translates the charts.
CHARTS = SHARED.parent / "charts"


def extract_messages(root: Path) -> dict[Message, list[str]]:
    """Return every Chinese text of the Python code and the templates under `root`, with the files that contain it."""
    found: dict[Message, list[str]] = {}
    for file, _line, message, _comments, _context in _extract(root):
        found.setdefault(message, []).append(file)
    return found


def find_untranslated(root: Path) -> list[str]:
    """Return the texts under `root` that neither its own .po file nor the shared one translates."""
    paths = (_po_path(root), _po_path(SHARED))
    known = {message.id for path in paths for message in _read_catalog(path) if _is_translated(message)}
    return sorted(_singular(text) for text in extract_messages(root) if text not in known)


def find_unused(root: Path) -> list[str]:
    """Return the texts in the .po file of `root` that no template and no code contains any more."""
    used = extract_messages(root)
    return sorted(_singular(message.id) for message in _read_catalog(_po_path(root)) if message.id and message.id not in used)


def update_catalogue(root: Path) -> int:
    """Bring the .po file of `root` up to date and return the number of texts without a translation."""
    old = {message.id: message.string for message in _read_catalog(_po_path(root))}
    shared = {message.id for message in _read_catalog(_po_path(SHARED)) if message.id} if root != SHARED else set()
    catalog = Catalog(locale="en", charset="utf-8")
    for text, files in sorted(extract_messages(root).items(), key=lambda pair: (sorted(pair[1]), _singular(pair[0]))):
        if text not in shared:
            places = [(file, 0) for file in sorted(set(files))]
            catalog.add(text, old.get(text) or ("" if isinstance(text, str) else ("", "")), locations=places)
    _po_path(root).parent.mkdir(parents=True, exist_ok=True)
    with _po_path(root).open("wb") as file:
        write_po(file, catalog, width=110, omit_header=True, include_lineno=False)
    return sum(1 for message in catalog if message.id and not _is_translated(message))


def _extract(root: Path) -> Iterator[tuple[str, int, Message, list[str], str | None]]:
    for directory in (SHARED, CHARTS) if root == SHARED else (root,):
        yield from cast(
            "Iterator[tuple[str, int, Message, list[str], str | None]]",
            extract_from_dir(str(directory), METHODS, OPTIONS, keywords=KEYWORDS),
        )


def _is_translated(entry: BabelMessage) -> bool:
    strings = (entry.string,) if isinstance(entry.string, str) else entry.string or ()
    return bool(entry.id) and bool(strings) and all(strings)


def _singular(message: str | Sequence[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _po_path(root: Path) -> Path:
    return root / "locale" / "en" / "LC_MESSAGES" / "messages.po"


def _read_catalog(po: Path) -> Catalog:
    if not po.is_file():
        return Catalog()
    with po.open("rb") as file:
        return read_po(file)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"{name}: {update_catalogue(Path(name).resolve())} texts without English")  # noqa: T201 - the command's own output
