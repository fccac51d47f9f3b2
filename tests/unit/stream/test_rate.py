"""The rate at which records come in."""

from shared.stream.rate import Rate


def test_small_batches_in_quick_succession_are_no_flood():
    rate = Rate()
    told = [rate.of(10, 100 + n * 0.02 if n % 2 else 100 + n * 0.02 + 0.019) for n in range(500)]

    assert max(told) < 600
    assert 490 < told[-1] < 510


def test_a_flood_is_seen_after_a_window():
    rate = Rate()

    assert max(rate.of(400, 100 + n / 10) for n in range(20)) == 4000.0
