#!/usr/bin/env bash
# typst 0.15.2 (Python package): Chinese text in a font without Chinese characters compiles to a PDF of empty boxes without an error or a
# warning; the same text under PDF/UA-1 is an error that names character and font. A reply letter made on a machine without the font goes out
# unreadable. Expected: at least a warning. Seen: none for plain PDF, TypstError for ua-1. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check typst==0.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import typst

SOURCE = '#set document(title: "t")\n#set text(lang: "zh", font: "Libertinus Serif")\n投诉公示'.encode()


def compiled(*standards):
    try:
        _, warnings = typst.compile_with_warnings(SOURCE, pdf_standards=list(standards), ignore_system_fonts=True)
    except typst.TypstError:
        return "TypstError"
    return f"{len(warnings)} warnings"


found = {"PDF": compiled(), "PDF/UA-1": compiled("ua-1")}
print(found)
sys.exit(0 if found == {"PDF": "0 warnings", "PDF/UA-1": "TypstError"} else 1)
PYTHON
