"""Looking again: what was only in between is no difference, what stays is, and of very many the rest is counted."""

from __future__ import annotations

import pytest

from services.publisher.store.verification import MOST
from services.publisher.verification.looking import ROUNDS, differing, settled


class Thing:
    """Something that differs at the first so many looks."""

    def __init__(self, name, times):
        self.name, self.times, self.looks = name, times, 0

    async def look(self):
        self.looks += 1
        return [self.name] if self.looks <= self.times else []


async def test_everything_is_looked_at_once_and_what_differs_is_doubtful():
    things = [Thing(str(n), n % 2) for n in range(9)]
    told = []

    doubts = await differing([thing.look for thing in things], told.append)

    assert [look.__self__.name for look in doubts] == ["1", "3", "5", "7"]
    assert {thing.looks for thing in things} == {1}
    assert sum(told) == len(things)


async def test_what_passes_is_no_difference():
    passing, staying = Thing("passing", ROUNDS - 1), Thing("staying", ROUNDS)

    assert await settled([passing.look, staying.look], 0) == ["staying"]


async def test_what_has_passed_already_is_looked_at_once_more_only():
    thing = Thing("passed", 0)

    assert await settled([thing.look], 0) == []
    assert thing.looks == 1


async def test_of_very_many_differences_the_rest_is_counted():
    things = [Thing(str(n), ROUNDS) for n in range(2 * MOST + 7)]

    found = await settled([thing.look for thing in things], 0)

    assert len(found) == MOST + 1
    assert found[-1] == f"{MOST + 7} more places differed at the first look"
    assert {thing.looks for thing in things[MOST:]} == {0}


async def test_of_one_place_with_very_many_differences_the_rest_is_counted():
    async def look():
        return [str(n) for n in range(MOST + 3)]

    found = await settled([look], 0)

    assert found == [*(str(n) for n in range(MOST)), "3 more differences were found"]


async def test_a_difference_behind_many_that_passed_is_found():
    things = [*(Thing(str(n), 0) for n in range(MOST)), Thing("last", ROUNDS)]

    assert await settled([thing.look for thing in things], 0) == ["last"]


async def test_an_error_ends_the_looking():
    async def failing():
        raise RuntimeError("away")

    with pytest.raises(RuntimeError, match="away"):
        await differing([Thing("other", 0).look, failing], lambda _: None)
