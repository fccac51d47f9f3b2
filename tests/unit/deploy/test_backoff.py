"""Pauses before another start."""

from deploy.backoff import LONGEST_S, SHORTEST_S, STEADY_S, BackOff


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_pauses_double_up_to_the_longest() -> None:
    pauses = BackOff(Clock())

    assert [pauses.next() for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, LONGEST_S, LONGEST_S]


def test_a_steady_run_makes_the_next_pause_short_again() -> None:
    clock = Clock()
    pauses = BackOff(clock)
    pauses.next()
    pauses.next()

    clock.now += STEADY_S + 1

    assert pauses.next() == SHORTEST_S
