"""Progress on standard error: what is counted, what is left, and silence where no terminal reads."""

from io import StringIO

import pytest
import typer
from rich.console import Console
from rich.progress import Progress

from deploy.cli.progress import Bars, bars, working


def progress() -> Progress:
    return Progress(console=Console(file=StringIO()), disable=True)


def test_a_bar_counts_what_it_is_told() -> None:
    shown = progress()

    advance = Bars(shown)("Reading", 10)
    advance(3)
    advance(4)

    (task,) = shown.tasks
    assert (task.description, task.completed, task.total) == ("Reading", 7, 10)


def test_what_cannot_be_counted_is_done_when_0_is_told() -> None:
    shown = progress()

    done = Bars(shown)("Recounting", None)
    assert not shown.finished
    done(0)

    assert shown.finished


def test_what_is_left_is_measured_by_the_most_that_ever_was() -> None:
    shown = progress()

    tell = Bars(shown).remaining()
    for left in (40, 100, 25):
        tell(left, f"{left} records to apply")

    (task,) = shown.tasks
    assert (task.completed, task.total, task.description) == (75, 100, "25 records to apply")


def test_nothing_is_written_where_no_terminal_reads(capsys: pytest.CaptureFixture[str]) -> None:
    with bars() as bar:
        bar("Reading", 10)(3)
    with working("Recounting"):
        typer.echo("the answer")

    assert capsys.readouterr() == ("the answer\n", "")
