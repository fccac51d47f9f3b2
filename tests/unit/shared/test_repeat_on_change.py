"""A background task that waits in memory for what concerns it."""

from __future__ import annotations

import asyncio

import pytest

from shared.service import repeat_on_change


@pytest.mark.parametrize(("fallback_s", "acts_twice"), [(3600.0, True), (0.0, False)])
async def test_it_acts_at_once_and_when_what_it_observes_has_changed_or_after_the_fallback(fallback_s, acts_twice):
    looks, acted_at = [], []

    def observe():
        looks.append(None)
        if len(looks) == 40:
            raise asyncio.CancelledError
        return len(looks) >= 20

    async def act():
        acted_at.append(len(looks))

    with pytest.raises(asyncio.CancelledError):
        await repeat_on_change(0.0, observe, act, fallback_s)()

    assert acted_at[0] == 1
    assert (len(acted_at) == len(["at once", "when told"])) is acts_twice


async def test_what_changes_while_it_acts_is_acted_on_once_more():
    state, seen = [0], []

    async def act():
        seen.append(state[0])
        if len(seen) == 1:
            state[0] = 1
        elif len(seen) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await repeat_on_change(0.0, lambda: state[0], act, 3600.0)()

    assert seen == [0, 1]
