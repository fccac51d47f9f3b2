"""Progress on standard error: a bar for what can be counted, else a spinner; nothing where no terminal shows it.

Standard output stays as it is, for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

Advance = Callable[[int], None]


class Counted(MofNCompleteColumn):
    """How much of how much is done; empty where that is not known."""

    def render(self, task: Task) -> Text:
        """Return the two numbers."""
        return Text() if task.total is None else super().render(task)


class Bars:
    """Makes progress bars, each told how much more is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, title: str, total: int | None) -> Advance:
        """Return what a piece of work tells its progress to; without a total, 0 says that it is done."""
        task = self._progress.add_task(title, total=total)

        def advance(count: int) -> None:
            self._progress.advance(task, count)
            if total is None and count == 0:
                self._progress.update(task, total=1, completed=1)

        return advance

    def remaining(self) -> Callable[[int, str], None]:
        """Return what is told again and again how much is left, and what that is, in words."""
        task = self._progress.add_task("", total=None)
        most = 0

        def tell(left: int, what: str) -> None:
            nonlocal most
            most = max(most, left)
            self._progress.update(task, total=most or None, completed=most - left, description=what)

        return tell


@contextmanager
def bars() -> Iterator[Bars]:
    """Show bars for as long as the work goes on; they leave the terminal as it was."""
    console = Console(stderr=True)
    title = TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    columns = (SpinnerColumn(), title, BarColumn(bar_width=24), Counted(), TimeElapsedColumn())
    shown = Progress(
        *columns, console=console, transient=True, expand=True, redirect_stdout=False, disable=not console.is_terminal
    )
    with shown:
        yield Bars(shown)


@contextmanager
def working(title: str) -> Iterator[None]:
    """Show that something goes on that cannot be counted."""
    with bars() as bar:
        bar(title, None)
        yield
