"""Health of a consumer: records that wait too long count, a quiet night does not."""

from shared.stream.health import ConsumerHealth


def test_the_first_record_after_a_quiet_night_does_not_stall_the_consumer():
    health = ConsumerHealth("t", committed_at=-100_000.0)

    assert not health.is_stalled(lag=1, limit_s=60)


def test_records_that_wait_too_long_stall_the_consumer():
    health = ConsumerHealth("t", committed_at=-100_000.0)
    health.lagging_since = -50_000.0

    assert health.is_stalled(lag=1, limit_s=60)


def test_a_consumer_that_caught_up_starts_a_new_wait():
    health = ConsumerHealth("t", committed_at=-100_000.0)
    health.lagging_since = -50_000.0

    assert not health.is_stalled(lag=0, limit_s=60)
    assert not health.is_stalled(lag=1, limit_s=60)
