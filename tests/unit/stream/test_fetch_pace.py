"""Fetches that find nothing wait longer where nothing comes."""

from __future__ import annotations

from shared.stream.fetch_pace import IDLE_AFTER, IDLE_WAIT_MS, QUIET_AFTER, QUIET_WAIT_MS, FetchPace


def test_a_topic_without_records_is_asked_less_often_until_one_comes():
    pace = FetchPace(100)

    waits = [pace.wait_ms(has_data=False) for _ in range(IDLE_AFTER + 1)]

    assert waits == [100] * (QUIET_AFTER - 1) + [QUIET_WAIT_MS] * (IDLE_AFTER - QUIET_AFTER) + [IDLE_WAIT_MS] * 2
    assert pace.wait_ms(has_data=True) == 100
    assert pace.wait_ms(has_data=False) == 100


def test_a_longer_wait_that_was_asked_for_stays():
    pace = FetchPace(3_000)

    assert {pace.wait_ms(has_data=False) for _ in range(2 * IDLE_AFTER)} == {3_000}
