#!/usr/bin/env bash
# cn2an 0.5.24: an amount as people write it, with Chinese digits, a point and 万 behind (三点五万), raises ValueError in both of its
# lenient modes, while 3.5万 and 三万五千 are read. Expected: 35000. Seen: ValueError. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cn2an==0.5.24
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import cn2an


def read(text, mode):
    try:
        return float(cn2an.cn2an(text, mode))
    except ValueError:
        return "ValueError"


CASES = (("3.5万", "smart"), ("三万五千", "smart"), ("三点五万", "smart"), ("三点五万", "normal"))
found = {f"{text} {mode}": read(text, mode) for text, mode in CASES}
print(found)
sys.exit(0 if list(found.values()) == [35000.0, 35000.0, "ValueError", "ValueError"] else 1)
PYTHON
