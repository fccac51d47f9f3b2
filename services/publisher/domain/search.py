"""Search forms: a query and what it is compared with are folded alike, so width, brackets, spaces and case do not matter."""

from __future__ import annotations

from shared.contracts import Board, PublicItem
from shared.names import fold_name


def search_pattern(q: str | None) -> str | None:
    """Return the LIKE pattern of a query on search forms; None where there is nothing to compare."""
    return like_pattern(fold_name(q or ""))


def search_code(q: str | None) -> str:
    """Return the operator's code that a query may be."""
    return fold_name(q or "").upper()


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
