"""Search forms: a query and what it is compared with are folded and read alike: width, brackets, spaces, case, sound."""

from __future__ import annotations

from collections.abc import Sequence

from services.publisher.domain.pinyin import has_han, latin_letters, read_name
from shared.contracts import Board, PublicItem
from shared.names import fold_name


def search_pattern(q: str | None) -> str | None:
    """Return the LIKE pattern of a query on search forms; None where there is nothing to compare."""
    return like_pattern(fold_name(q or ""))


def search_code(q: str | None) -> str:
    """Return the operator's code that a query may be."""
    return fold_name(q or "").upper()


# Fewer letters are in too many readings, and no trigram of them is indexed.
MIN_LETTERS = 3


def search_reading(q: str | None) -> str:
    """Return how a query is read, as readings are compared; empty where it is too short for that.

    A query in Chinese is read too, so another character of the same sound finds the name.
    """
    text = (q or "").strip()
    reading = read_name(fold_name(text))[0] if has_han(text) else latin_letters(text)
    return reading if len(reading) >= MIN_LETTERS else ""


def readings_of(name: str, former_names: Sequence[str] = ()) -> str:
    """Return what readings of an operator are searched: pinyin, initials and folded former names, with a blank between."""
    read = [part for each in (name, *former_names) for part in read_name(fold_name(each))]
    return " ".join(filter(None, [*read, *map(fold_name, former_names)]))


def search_words(item: PublicItem) -> str:
    """Return the search form of an item: of a month its operator's name, of others title and summary."""
    if item.board is Board.BASIC:
        return fold_name(item.operator.name if item.operator else "")
    return fold_name(" ".join(filter(None, (item.title, item.summary))))


def like_pattern(text: str | None) -> str | None:
    """Return the LIKE pattern of a text anywhere in a column, its own wildcards escaped; None for no text."""
    if not text:
        return None
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
