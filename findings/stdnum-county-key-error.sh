#!/usr/bin/env bash
# python-stdnum 2.2: stdnum.cn.ric.is_valid raises KeyError on an identity number of a county that is younger than its table,
# where its documentation promises True or False. 330113 (Linping, Hangzhou) exists since 2021.
# Expected: False or True. Seen: KeyError: 'county'. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from stdnum.cn import ric

body = "33011319900101123"
number = next(body + digit for digit in "0123456789X" if ric.calc_check_digit(body + digit) == digit)
try:
    print(f"is_valid({number}) is {ric.is_valid(number)}")
except KeyError as error:
    print(f"is_valid({number}) raises KeyError: {error}")
    sys.exit(0)
sys.exit(1)
PYTHON
