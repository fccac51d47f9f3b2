#!/usr/bin/env bash
# CPython: datetime.fromisoformat reads a fraction of the hour as a fraction of a second.
#
# Its documentation (3.11 and later): "Fractional hours and minutes are not supported." ISO 8601 knows them: 09.30 is 9.3 hours, 09:18.
# Expected: ValueError. Seen with 3.11.7, 3.12.1 and 3.13.0: 09:00:00.300000, and the same for a fraction of a minute.
# Who writes half past nine as 09.30 gets nine o'clock, without a word.
#
# Needs python3 only. Exits 1 where this python behaves otherwise.
set -euo pipefail

python3 - <<'PYTHON'
import platform
import sys
from datetime import datetime

print(f"CPython {platform.python_version()}")
seen = {}
for text in ("2026-10-01 09.30", "2026-10-01 09:30.5"):
    try:
        seen[text] = datetime.fromisoformat(text).isoformat()
    except ValueError as error:
        seen[text] = f"ValueError: {error}"
    print(f"{text!r} -> {seen[text]}")
expected = {"2026-10-01 09.30": "2026-10-01T09:00:00.300000", "2026-10-01 09:30.5": "2026-10-01T09:30:00.500000"}
sys.exit(0 if seen == expected else "this version behaves otherwise")
PYTHON
