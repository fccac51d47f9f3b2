"""A client uses up no more than its budget, gets it back with time, and takes nothing of anybody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.web.allowance import KEPT, Budget

BURST, PER_S = 100, 10.0
STEPS = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 120), st.floats(0, 20)), max_size=30)


@given(STEPS)
def test_in_no_time_a_client_takes_more_than_its_burst_and_what_came_back_since(steps: list[tuple[str, int, float]]) -> None:
    now = 0.0
    budget = Budget(BURST, PER_S, clock=lambda: now)
    taken: dict[str, list[tuple[float, int]]] = {"a": [], "b": []}
    for client, amount, pause in steps:
        now += pause
        if budget.take(client, amount):
            taken[client].append((now, amount))
        elif not taken[client]:
            assert amount > BURST

    for times in taken.values():
        for first, (began, _) in enumerate(times):
            for last in range(first, len(times)):
                used = sum(amount for _, amount in times[first : last + 1])
                assert used <= BURST + PER_S * (times[last][0] - began) + 1e-6


def test_whose_budget_is_whole_again_is_forgotten() -> None:
    now = [0.0]
    budget = Budget(BURST, PER_S, clock=lambda: now[0])
    for client in "abc":
        assert budget.take(client, BURST)
    assert not budget.take("a", 1)
    now[0] = 5.0
    assert budget.take("a", 50)
    now[0] = 10.5
    assert budget.take("d", 1)

    assert set(budget._used) == {"a", "d"}


def test_of_so_many_clients_that_no_budget_is_whole_the_one_that_was_away_longest_is_forgotten() -> None:
    budget = Budget(BURST, PER_S, clock=lambda: 0.0)
    for client in range(KEPT):
        assert budget.take(str(client), BURST - 1)
    assert budget.take("0", 1)
    assert budget.take("one more", 1)

    assert len(budget._used) == KEPT
    assert "1" not in budget._used
    assert not budget.take("0", 1)
