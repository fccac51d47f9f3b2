"""Progress on standard error: counts, remainders, and silence without a terminal."""

from io import StringIO

import pytest
import typer
from rich.console import Console
from rich.progress import Progress

from deploy.cli.progress import LINE_EVERY_S, Bars, Lines, progress_bars, spinner


def progress() -> Progress:
    return Progress(console=Console(file=StringIO()), disable=True)


def test_a_bar_adds_up_its_advances() -> None:
    shown = progress()

    advance = Bars(shown)("Reading", 10)
    advance(3)
    advance(4)

    (task,) = shown.tasks
    assert (task.description, task.completed, task.total) == ("Reading", 7, 10)


def test_a_bar_without_a_total_finishes_at_0() -> None:
    shown = progress()

    done = Bars(shown)("Recounting", None)
    assert not shown.finished
    done(0)

    assert shown.finished


def test_there_is_no_bar_and_no_line_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress()

    for each in (Bars(shown), Lines(shown)):
        each("Withdrawn operators", 0)(0)

    assert shown.tasks == []
    assert capsys.readouterr().err == ""


def test_the_remainder_is_measured_against_its_maximum() -> None:
    shown = progress()

    update = Bars(shown).remaining()
    for left in (40, 100, 25):
        update(left, f"{left} records to apply")

    (task,) = shown.tasks
    assert (task.completed, task.total, task.description) == (75, 100, "25 records to apply")


def test_nothing_is_written_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars() as bar:
        bar("Reading", 10)(3)
    with spinner("Recounting"):
        typer.echo("the answer")

    assert capsys.readouterr() == ("the answer\n", "")


def test_long_work_prints_lines_where_it_asks_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    advance = Lines(progress(), lambda: now[0])("Comparing items", 5_000)

    for _ in range(4):
        now[0] += LINE_EVERY_S / 2
        advance(1_000)

    assert capsys.readouterr().err.splitlines() == [
        "Comparing items …",
        "Comparing items: 2,000 of 5,000",
        "Comparing items: 4,000 of 5,000",
    ]


def test_lines_take_the_place_of_bars_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars(or_lines=True) as bar:
        bar("Journals", 4)(1)

    assert capsys.readouterr() == ("", "Journals …\n")
