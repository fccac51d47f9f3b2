"""The numbers of a chart as text: short in its drawing, exact in its table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from shared.charts.spec import Spec, Value
from shared.rates import PERCENT_PLACES, RATE_PLACES
from shared.web.formats import MISSING, Form, Formats


def short_forms(spec: Spec, formats: Formats) -> Sequence[Form]:
    """Return the forms of a drawing's labels: the shortest first, each more exact than the one before."""
    return percent_forms(formats) if spec.percent else (formats.brief, formats.count)


def exact_forms(spec: Spec, formats: Formats) -> Sequence[Form]:
    """Return the forms of the table's cells and of the summary."""
    return percent_forms(formats) if spec.percent else (formats.count,)


def percent_forms(formats: Formats) -> Sequence[Form]:
    """Return a share as a percentage, from the decimals of a page to those of the data."""
    return [partial(formats.percent, places=places) for places in range(PERCENT_PLACES, RATE_PLACES + 1)]


def value_text(value: Value | None, forms: Sequence[Form]) -> str:
    """Return a value that stands alone, in the first form; a dash for none."""
    return MISSING if value is None else forms[0](value)
