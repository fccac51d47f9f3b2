"""What moved on is updated; what a ruling puts right is corrected."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.publisher.web.presenter import FormPresenter
from shared.contracts import Board, ItemState, PublicItem
from shared.web.formats import Formats

AT = datetime(2026, 11, 2, tzinfo=UTC)


def item(state: ItemState, code: str | None) -> PublicItem:
    return PublicItem(
        item_id="GS-2026-000001", board=Board.BASIC, kind="operator_month", version=2, state=state, title="x", summary=None,
        content={"complaints": 12}, operator=None, first_released_at=AT, released_at=AT, supersedes=1, reason_code=code,
        changes=(("complaints", "11", "12"),), rules_version="2026-04-15",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "code", "shown", "words"),
    [
        (ItemState.CORRECTED, "S01", "updated", "更新为"),
        (ItemState.CORRECTED, "S02", "updated", "更新为"),
        (ItemState.CORRECTED, "C03", "corrected", "更正为"),
        (ItemState.RELEASED, None, "released", "更正为"),
        (ItemState.EXPIRED, "S01", "expired", "更新为"),
    ],
)
def test_a_version_is_named_by_its_reason(state, code, shown, words):
    presenter = FormPresenter("zh", Formats("zh", ZoneInfo("Asia/Shanghai")), str)

    assert presenter.shown_state(item(state, code)) == shown
    assert words in presenter.summary(item(state, code), Board.BASIC)
