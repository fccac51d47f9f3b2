#!/usr/bin/env bash
# msgspec 0.22.0 and pydantic 2.14.4 read one RFC 3339 time of more than six decimals (Go's and Java's clocks write nine) to two instants:
# msgspec rounds, over into the next second and minute; pydantic cuts. Where one service decodes by structs and another by models, or one
# has both, the same event has two times and two hashes. Expected: one instant. Seen: 09:31:00 and 09:30:59.999999.
# Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check msgspec==0.22.0 pydantic==2.14.4
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime

import msgspec
from pydantic import AwareDatetime, TypeAdapter

TIMES = ["2026-10-01T09:30:59.999999510+08:00", "2026-10-01T09:30:59.123456+08:00"]


def read(text):
    document = f'"{text}"'.encode()
    return msgspec.json.decode(document, type=datetime), TypeAdapter(AwareDatetime).validate_json(document)


(long_struct, long_model), (short_struct, short_model) = map(read, TIMES)
print(f"nine decimals: {long_struct} and {long_model}; six: {short_struct} and {short_model}")
rounds = (long_struct.minute, long_struct.second) == (31, 0)
cuts = (long_model.minute, long_model.second, long_model.microsecond) == (30, 59, 999999)
sys.exit(0 if rounds and cuts and short_struct == short_model else 1)
PYTHON
