#!/usr/bin/env bash
# holidays 0.109: for a year whose rest days no notice of the State Council has set in its tables, the calendar of China answers as for any other:
# is_working_day of 2028 knows no day worked in exchange and no bridge day, and nothing tells that they are missing. chinesecalendar 1.11.0
# refuses such a year. A term in working days that ends there comes out wrong without a sign.
# Expected: a sign. Seen: an answer, and no Saturday or Sunday of 2028 that is worked (2026 has some). Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check holidays==0.109 chinesecalendar==1.11.0
"$folder/venv/bin/python" - <<'PYTHON'
import datetime
import sys

import chinese_calendar
import holidays


def worked_weekends(year):
    calendar = holidays.China(years=year)
    days = (datetime.date(year, 1, 1) + datetime.timedelta(n) for n in range(365))
    return sum(day.weekday() >= 5 and calendar.is_working_day(day) for day in days)


try:
    other = chinese_calendar.is_workday(datetime.date(2028, 5, 5))
except NotImplementedError:
    other = "NotImplementedError"
found = {year: worked_weekends(year) for year in (2026, 2028)}
print(f"holidays, weekend days worked: {found}; chinesecalendar for 2028: {other}")
sys.exit(0 if found[2026] > 0 and found[2028] == 0 and other == "NotImplementedError" else 1)
PYTHON
