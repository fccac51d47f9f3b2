#!/usr/bin/env bash
# python-calamine 0.9.1: to_python() gives an error cell (#DIV/0!, #N/A) of an XLSX file as an empty string, the same as for an
# empty cell, so that an amount which could not be calculated reads like one that nobody entered. openpyxl 3.1.5 gives the error's
# text. Expected: something that tells the two cells apart. Seen: ['', '']. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 xlsxwriter==3.2.9 openpyxl==3.1.5
FOLDER=$folder "$folder/venv/bin/python" - <<'PYTHON'
import os
import sys

import openpyxl
import xlsxwriter
from python_calamine import CalamineWorkbook

path = os.path.join(os.environ["FOLDER"], "amounts.xlsx")
book = xlsxwriter.Workbook(path)
sheet = book.add_worksheet("amounts")
sheet.write_row(0, 0, ["number", "amount"])
sheet.write_string(1, 0, "A-1")
sheet.write_formula(1, 1, "=1/0", value="#DIV/0!")
sheet.write_string(2, 0, "A-2")
sheet.write_string(3, 0, "A-3")
sheet.write_number(3, 1, 12.5)
book.close()

rows = CalamineWorkbook.from_path(path).get_sheet_by_name("amounts").to_python()
calamine = [row[1] for row in rows[1:3]]
cells = openpyxl.load_workbook(path, data_only=True)["amounts"]
other = [cells["B2"].value, cells["B3"].value]
print(f"error cell and empty cell: python-calamine {calamine}, openpyxl {other}")
sys.exit(0 if calamine == ["", ""] and other == ["#DIV/0!", None] else 1)
PYTHON
