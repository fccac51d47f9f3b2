"""Write `shared/calendar/workdays.csv` from the `chinesecalendar` package: `python -m deploy.seed_calendar`.

The package gives the days of 2004–2026; the numbers of the notices are those printed at their head (2008 on; the
package does not carry them). Run again when a release of the package covers a further year, add the number of that
year's notice to `PAPERS`, and read the difference before committing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chinese_calendar import holidays, workdays
from chinese_calendar.constants import Holiday

from shared.calendar import TableDay
from shared.calendar.table import SHIPPED, write_days

PAPERS = {
    2008: "国办发明电〔2007〕52号",
    2009: "国办发明电〔2008〕42号",
    2010: "国办发明电〔2009〕27号",
    2011: "国办发明电〔2010〕40号",
    2012: "国办发明电〔2011〕45号",
    2013: "国办发明电〔2012〕33号",
    2014: "国办发明电〔2013〕28号",
    2015: "国办发明电〔2014〕28号",
    2016: "国办发明电〔2015〕18号",
    2017: "国办发明电〔2016〕17号",
    2018: "国办发明电〔2017〕12号",
    2019: "国办发明电〔2018〕15号",
    2020: "国办发明电〔2019〕16号",
    2021: "国办发明电〔2020〕27号",
    2022: "国办发明电〔2021〕11号",
    2023: "国办发明电〔2022〕16号",
    2024: "国办发明电〔2023〕7号",
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}

DECEMBER = 12

# Notices that changed a year after its own notice was out.
CHANGED = {
    **dict.fromkeys((date(2015, 9, day) for day in range(3, 7)), "国发明电〔2015〕1号"),
    **dict.fromkeys((date(2019, 5, day) for day in range(1, 6)), "国办发明电〔2019〕3号"),
    date(2019, 4, 28): "国办发明电〔2019〕3号",
    **dict.fromkeys((date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2)), "国办发明电〔2020〕1号"),
}

# The full names of the holidays; the package shortens some.
NAMES = {
    Holiday.new_years_day.value: "元旦",
    Holiday.spring_festival.value: "春节",
    Holiday.tomb_sweeping_day.value: "清明节",
    Holiday.labour_day.value: "劳动节",
    Holiday.dragon_boat_festival.value: "端午节",
    Holiday.national_day.value: "国庆节",
    Holiday.mid_autumn_festival.value: "中秋节",
    Holiday.anti_fascist_70th_day.value: "抗战胜利纪念日",
}


def main() -> None:
    """Write the table in the order of days."""
    write_days(SHIPPED, sorted(_days(), key=lambda day: day.day))


def _days() -> Iterator[TableDay]:
    for source, is_workday in ((holidays, False), (workdays, True)):
        for day, holiday in source.items():
            paper = CHANGED.get(day, PAPERS.get(_notice(day, holiday), ""))
            yield TableDay(day, is_workday, NAMES[holiday], paper, announced=True)


def _notice(day: date, holiday: str) -> int:
    # A notice arranges New Year's Day of its year with the last days of the year before.
    return day.year + (holiday == Holiday.new_years_day.value and day.month == DECEMBER)


if __name__ == "__main__":
    main()
