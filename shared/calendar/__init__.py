"""The working-day calendar of the State Council (国务院办公厅节假日安排), make-up days (调休) included.

`workdays.csv` holds every day that a notice turns into a rest day or a working day, with the number of the notice. Years
without a notice follow weekends alone and everything counted in them is provisional.
"""

from shared.calendar.calendar import FIRST_DAY, LAST_DAY, Calendar, DayExplanation, DayKind, Deadline
from shared.calendar.changes import CalendarChange
from shared.calendar.closing import closing_day
from shared.calendar.table import CalendarError, TableDay

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "Calendar",
    "CalendarChange",
    "CalendarError",
    "DayExplanation",
    "DayKind",
    "Deadline",
    "TableDay",
    "closing_day",
]
