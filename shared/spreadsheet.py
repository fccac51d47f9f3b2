"""Cells of tables that people open in a spreadsheet: a text that begins like a formula is a text there too."""

from __future__ import annotations

# What spreadsheets take for the beginning of a formula, in full width too; tabs and line breaks before it do not count there.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def to_cell(value: object) -> object:
    """Return a value as it may stand in a file: a text that would be a formula after an apostrophe, anything else as it is.

    A carriage return is a space: `csv` does not quote it, and a spreadsheet would begin a row there.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r", " ")
    return f"'{text}" if value.startswith(FORMULA) else text
