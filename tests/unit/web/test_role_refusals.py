"""A refused role is journalled once an hour for a person and a route."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.web.role_refusals import WITHIN, RoleRefusals

AT = datetime(2026, 10, 9, 8, 1, tzinfo=UTC)


def test_a_refusal_is_new_once_an_hour_for_a_person_and_a_route() -> None:
    refusals = RoleRefusals()

    news = [
        refusals.note("zhou", "POST /desk/release", AT),
        refusals.note("zhou", "POST /desk/release", AT + timedelta(minutes=1)),
        refusals.note("zhou", "GET /desk/screens", AT + timedelta(minutes=1)),
        refusals.note("he", "POST /desk/release", AT + timedelta(minutes=1)),
        refusals.note("zhou", "POST /desk/release", AT + WITHIN),
    ]

    assert news == [True, False, True, True, True]
