"""Exponential back-off between restarts."""

from deploy.backoff import INITIAL_S, MAX_S, RESET_AFTER_S, BackOff


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_pauses_double_up_to_the_maximum() -> None:
    pauses = BackOff(Clock())

    assert [pauses.next() for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, MAX_S, MAX_S]


def test_a_long_run_resets_the_pause() -> None:
    clock = Clock()
    pauses = BackOff(clock)
    pauses.next()
    pauses.next()

    clock.now += RESET_AFTER_S + 1

    assert pauses.next() == INITIAL_S
