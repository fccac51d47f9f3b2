"""Progress on standard error: a bar for countable work, otherwise a spinner; nothing without a terminal.

Standard output is for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

LINE_EVERY_S = 10.0

Advance = Callable[[int], None]


def ignore_count(_: int) -> None:
    """Count nothing."""


class CountColumn(MofNCompleteColumn):
    """Done and total; empty where the total is unknown."""

    def render(self, task: Task) -> Text:
        """Return both numbers."""
        return Text() if task.total is None else super().render(task)


class Bars:
    """Adds progress bars; each is advanced by a function."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, title: str, total: int | None) -> Advance:
        """Return the function that advances the bar; without a total, 0 marks it as finished. There is no bar of nothing."""
        if total == 0:
            return ignore_count
        task = self._progress.add_task(title, total=total)

        def advance(count: int) -> None:
            self._progress.advance(task, count)
            if total is None and count == 0:
                self._progress.update(task, total=1, completed=1)

        return advance

    def remaining(self) -> Callable[[int, str], None]:
        """Return the function that sets how much remains and its description, again and again."""
        task = self._progress.add_task("", total=None)
        most = 0

        def update(left: int, what: str) -> None:
            nonlocal most
            most = max(most, left)
            self._progress.update(task, total=most or None, completed=most - left, description=what)

        return update


class Lines(Bars):
    """Progress where no terminal shows bars: a line when work begins, and its count every `LINE_EVERY_S` seconds."""

    def __init__(self, progress: Progress, now: Callable[[], float] = monotonic) -> None:
        super().__init__(progress)
        self._now = now

    def __call__(self, title: str, total: int | None) -> Advance:
        """Print the title, and return the function that counts."""
        if total == 0:
            return ignore_count
        typer.echo(f"{title} …", err=True)
        done, printed_at = 0, self._now()

        def advance(count: int) -> None:
            nonlocal done, printed_at
            done += count
            if count and self._now() - printed_at >= LINE_EVERY_S:
                typer.echo(f"{title}: {done:,}" + (f" of {total:,}" if total else ""), err=True)
                printed_at = self._now()

        return advance


@contextmanager
def progress_bars(*, or_lines: bool = False) -> Iterator[Bars]:
    """Show bars until the block ends; then they disappear. Without a terminal: nothing, or lines if so asked."""
    console = Console(stderr=True)
    title = TextColumn("{task.description}", markup=False, table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    columns = (SpinnerColumn(), title, BarColumn(bar_width=24), CountColumn(), TimeElapsedColumn())
    progress = Progress(
        *columns, console=console, transient=True, expand=True, redirect_stdout=False, disable=not console.is_terminal
    )
    with progress:
        yield Lines(progress) if or_lines and not console.is_terminal else Bars(progress)


@contextmanager
def spinner(title: str) -> Iterator[None]:
    """Show a spinner for work that cannot be counted."""
    with progress_bars() as bar:
        bar(title, None)
        yield


@contextmanager
def counted_bar(title: str, total: int) -> Iterator[Callable[[int], object]]:
    """Show a bar on standard error; yield the function that advances it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(title, total=total)
        yield lambda count: bars.advance(task, count)
