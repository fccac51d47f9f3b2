#!/usr/bin/env bash
# openpyxl 3.1.5: in read-only mode a sheet ends where its <dimension> says, and streaming writers, which do not know the end when they
# write the beginning (Apache POI's SXSSF leaves A1 there), make a list of complaints one cell long, without an error or a warning.
# In its usual mode openpyxl reads all of it, and so does python-calamine 0.9.1. Expected: three rows. Seen: [['编号']].
# Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import re
import sys
import zipfile
from pathlib import Path

from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

folder = Path(sys.argv[1])
ROWS = [["编号", "商家"], ["A1", "甲店"], ["A2", "乙店"]]

book = Workbook()
for row in ROWS:
    book.active.append(row)
book.save(folder / "whole.xlsx")
with zipfile.ZipFile(folder / "whole.xlsx") as whole, zipfile.ZipFile(folder / "streamed.xlsx", "w") as streamed:
    for name in whole.namelist():
        streamed.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', whole.read(name)))


def read(**mode):
    return [list(row) for row in load_workbook(folder / "streamed.xlsx", **mode).active.iter_rows(values_only=True)]


usual, read_only = read(), read(read_only=True)
calamine = CalamineWorkbook.from_path(folder / "streamed.xlsx").get_sheet_by_index(0).to_python()
print(f"usual mode {usual}, read-only {read_only}, calamine {calamine}")
sys.exit(0 if usual == calamine == ROWS and read_only == [["编号"]] else 1)
PYTHON
