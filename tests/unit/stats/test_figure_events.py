"""The event of a changed figure is written without validation, for speed; so it is validated here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from services.stats.domain.figures import ChangedFigure, FigureKey
from services.stats.domain.measures import Sums, compute_measures
from services.stats.domain.periods import containing_periods
from services.stats.emission import _figure_changed
from services.stats.store.figures import OperatorDetails
from shared.contracts import ComplaintOperator, FigureChanged, SubjectKind

AT = SimpleNamespace(now=datetime(2026, 11, 4, 9, 30, tzinfo=UTC))
MEASURES = compute_measures(Sums(10, 8, 5, 6, Decimal("1234.50"), Decimal(800), "1" + "0" * 24 + "2" + "000000000003"))
DETAILS = {"91339903MA2ABCDE1X": OperatorDetails(ComplaintOperator(key="91339903MA2ABCDE1X", name="云州甲"), "990102", None)}


@pytest.mark.parametrize("period", containing_periods(date(2026, 10, 1)), ids=str)
@pytest.mark.parametrize(
    ("kind", "subject"), [(SubjectKind.OPERATOR, "91339903MA2ABCDE1X"), (SubjectKind.OPERATOR, "N-1"), (SubjectKind.ALL, "")]
)
@pytest.mark.parametrize("restated_from", [None, MEASURES])
def test_the_constructed_event_equals_the_validated_event(kind, subject, period, restated_from):
    figure = ChangedFigure(FigureKey(kind, subject, period), 3, MEASURES, restated_from)

    event = _figure_changed(AT, figure, DETAILS, ("国办发明电〔2025〕7号",))

    assert list(event.__dict__) == list(FigureChanged.model_fields)
    assert event == FigureChanged.model_validate_json(event.body(), strict=True)
    assert event.body() == FigureChanged(**event.__dict__).model_dump_json().encode()
    assert event.key() == str(figure.key)
