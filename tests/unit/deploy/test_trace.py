"""What a trace says of an item at each state of its newest version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploy.trace import describe_release, describe_state
from services.publisher.store.trace import TracedItem


def item(**changes: object) -> TracedItem:
    values: dict[str, object] = {
        "item_id": "GS-2026-000001", "board": "major", "key": "k", "version": 1, "state": "draft", "purpose": "publish",
        "failing": (), "drafted_at": datetime(2026, 10, 9, tzinfo=UTC), "reviews": 0, "return_code": None,
        "public_version": None, "public_state": None, "released_at": None, "screens": 0,
    }  # fmt: skip
    return TracedItem(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("traced", "words"),
    [
        (item(), "draft, waits for review (0 so far)"),
        (item(failing=("operator", "personal")), "draft, cannot be approved: checks fail (operator, personal)"),
        (item(state="approved", reviews=1), "approved by 1, waits for release"),
        (item(state="approved", reviews=0, purpose="withdraw"), "withdrawal approved by 0, waits for release"),
        (item(state="returned", return_code="R02"), "returned to be mended (R02)"),
        (item(state="rejected", return_code="N05"), "not published, ground N05"),
        (item(state="rejected"), "dropped: superseded before release"),
        (item(state="released"), "released"),
    ],
)
def test_a_state_says_why_it_goes_no_further(traced: TracedItem, words: str) -> None:
    assert describe_state(traced) == words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("released", "version 2 is public as released; shown by 3 screens"),
        ("corrected", "version 2 is public as corrected; shown by 3 screens"),
        ("withdrawn", "withdrawn from public view by version 2; blanked by 3 screens"),
    ],
)
def test_what_is_withdrawn_is_not_said_to_be_public(kind: str, words: str) -> None:
    assert describe_release(item(public_version=2, public_state=kind, screens=3)) == words
