"""Health of a consumer: records that wait too long, not a quiet night."""

from shared.stream.health import ConsumerHealth


def test_the_first_record_after_a_quiet_night_is_no_alarm():
    health = ConsumerHealth("t", committed_at=-100_000.0)

    assert not health.stalled(lag=1, limit_s=60)


def test_records_that_wait_too_long_are_an_alarm():
    health = ConsumerHealth("t", committed_at=-100_000.0)
    health.waiting_since = -50_000.0

    assert health.stalled(lag=1, limit_s=60)


def test_what_was_caught_up_starts_to_wait_anew():
    health = ConsumerHealth("t", committed_at=-100_000.0)
    health.waiting_since = -50_000.0

    assert not health.stalled(lag=0, limit_s=60)
    assert not health.stalled(lag=1, limit_s=60)
