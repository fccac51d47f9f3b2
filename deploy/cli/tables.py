"""Tables of the command line: as wide as what stands in them, so that nothing is cut, whatever reads them."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

# No table is wider; rich wants a bound to measure within.
MAX_WIDTH = 100_000


def print_table(table: Table, *, fold: bool = False) -> None:
    """Print a table to standard output. On a terminal one with `fold` keeps to its width, long texts over several lines.

    A pipe or a file has no width: rich would assume 80 columns and cut there. Texts stand as they are, brackets included.
    """
    terminal = _console(None)
    keeps_width = fold and terminal.is_terminal
    (terminal if keeps_width else _console(max(terminal.width, _full_width(table)))).print(table)


def _full_width(table: Table) -> int:
    wide = _console(MAX_WIDTH)
    return wide.measure(table).maximum


def _console(width: int | None) -> Console:
    return Console(width=width, markup=False, emoji=False, highlight=False)
