"""What the command line prints is whole, in a pipe as on a terminal."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import orjson
import pytest
from rich.table import Table

from deploy.cli.figures import Layout, print_rows
from deploy.cli.tables import print_table

NAME = "云州示例" + "家用电器连锁" * 12 + "有限公司"
HEADS = ["operator", "operator_name", "month", *(f"measure_{number}" for number in range(11))]
ROW = ["91990102MA0R19GG7L", NAME, "2026-10", *(f"{1000.5 + number}" for number in range(11))]


@pytest.mark.parametrize("columns", ["20", "80", "400"])
def test_figures_in_a_pipe_are_not_cut(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)

    print_rows(HEADS, [ROW], Layout.TABLE)

    lines = capsys.readouterr().out.splitlines()
    [line] = [line for line in lines if NAME in line]
    assert all(cell in line for cell in ROW)
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "\t", "\r", "\n"])
def test_no_name_is_a_formula_in_a_file_of_figures_and_numbers_stay_numbers(capsys, sign):
    name = f"{sign}1+1"

    print_rows(HEADS, [[ROW[0], name, *ROW[2:], Decimal("-2.50")]], Layout.CSV)
    print_rows(HEADS, [[ROW[0], name, *ROW[2:]]], Layout.JSON)

    table, document = capsys.readouterr().out.rstrip("\n").rsplit("\n", 1)
    cells = next(iter(csv.reader(io.StringIO(table.partition("\n")[2], newline=""))))
    assert (cells[0], cells[1], cells[-1]) == (ROW[0], f"'{name}".replace("\r", " "), "-2.50")
    assert orjson.loads(document)[0]["operator_name"] == name


@pytest.mark.parametrize("text", ["[/x]", "[red]云州[/red]", "[证件号]", ":warning:", "100%"])
def test_a_text_is_printed_as_it_is(capsys, text):
    table = Table("name")
    table.add_row(text)

    print_table(table)

    assert text in capsys.readouterr().out


def test_a_table_that_folds_is_whole_in_a_pipe(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    table = Table("name", "findings")
    table.add_row("intake:12", "operator.name: " + "missing, " * 20)

    print_table(table, fold=True)

    assert "operator.name: " + "missing, " * 20 in capsys.readouterr().out
