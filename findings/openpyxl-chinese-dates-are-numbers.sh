#!/usr/bin/env bash
# openpyxl 3.1.5: a cell with one of the date formats that Excel in Chinese refers to by number only (31 is yyyy年m月d日; 27 to 36 and 50
# to 58 are such) is read as a number with the format General; python-calamine 0.9.1 reads the date. ECMA-376 (18.8.30) lists them for zh-cn.
# Expected: 2026-10-05. Seen: 46300. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1 xlsxwriter==3.2.9
"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

import openpyxl
import xlsxwriter
from python_calamine import CalamineWorkbook


def read(number_format):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    book.add_worksheet().write_number(0, 0, 46300, book.add_format({"num_format": number_format}))
    book.close()
    cell = openpyxl.load_workbook(file).active["A1"]
    file.seek(0)
    return str(cell.value), cell.number_format, str(CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[0][0])


found = {number_format: read(number_format) for number_format in (14, 31, 57)}
print(f"by format: (openpyxl, its format, python-calamine) {found}")
numbers = ("46300", "General", "2026-10-05")
sys.exit(0 if found == {14: ("2026-10-05 00:00:00", "mm-dd-yy", "2026-10-05"), 31: numbers, 57: numbers} else 1)
PYTHON
