import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.differences import difference, find_edits


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("同一句话", "同一句话", "同一句话", "同一句话"),
        ("48,000.00元", "42,600.00元", "<del>48,000.00</del>元", "<ins>42,600.00</ins>元"),
        ("要求全额退还", "要求退还", "要求<del>全额</del>退还", "要求退还"),
        ("扣除30%。", "扣除30%，有不同意见。", "扣除30%。", "扣除30%<ins>，有不同意见</ins>。"),
        ("", "新增", "", "<ins>新增</ins>"),
        ("<b>", "", "<del>&lt;b&gt;</del>", ""),
    ],
)
def test_changes_are_marked_in_both_texts(old, new, before, after):
    assert difference(old, new) == (before, after)


def test_single_common_characters_between_changes_are_not_kept_apart():
    assert [kind for kind, _, _ in find_edits("甲乙丙的丁戊己", "一二三的四五六")] == ["changed"]


@given(old=st.text(max_size=60), new=st.text(max_size=60))
def test_the_marked_texts_are_the_texts(old, new):
    edits = find_edits(old, new)

    assert "".join(was for _, was, _ in edits) == old
    assert "".join(now for _, _, now in edits) == new


def test_markup_in_the_text_is_escaped():
    before, after = difference('<script>alert("1")</script>', "<img onerror=x>")

    assert re.findall(r"<(?!/?(?:del|ins)>)", before + after) == []
