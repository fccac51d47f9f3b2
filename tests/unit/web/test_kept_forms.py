"""A form whose session was over: sealed for one person, one page and an hour, and filled in again as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from shared.text import drop_forbidden
from shared.web.form_filling import fill_page
from shared.web.kept_forms import MAX_BOX, MAX_TEXT, TERM, FormBox, KeptForm, TooLargeToKeep

AT = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
BOX = FormBox(bytes(32))
TEXTS = st.text(max_size=60).map(drop_forbidden)
FORM = KeptForm("/desk/entries", (("text", "来信：手机屏幕有亮点"), ("consents", "yes")), ("信件.pdf",))
PAGE = """<!doctype html><html><head><title>登记</title></head><body><main>
<form method="get" action="/desk/entries"><input name="text"></form>
<form method="post" action="/desk/entries">
<input type="hidden" name="number" value="D-1"><input name="operator" value=""><input type="password" name="code">
<input type="checkbox" name="board" value="basic" checked><input type="checkbox" name="board" value="major">
<input type="radio" name="channel" value="letter"><input type="radio" name="channel" value="visit" checked>
<select name="region"><option value="">请选择<option value="990102" selected>湖东区<option value="990103">湖西区</select>
<textarea name="text"></textarea><input type="file" name="paper"><button name="act" value="save">保存</button>
</form></main></body></html>"""


@settings(max_examples=30)
@given(st.lists(st.tuples(TEXTS, TEXTS)), st.lists(TEXTS), TEXTS, TEXTS)
def test_a_box_is_opened_for_the_person_and_the_page_that_it_was_sealed_for(fields, files, person, page):
    form = KeptForm("/desk/entries", tuple(fields), tuple(files))

    sealed = BOX.seal(form, person, page, AT)

    assert BOX.open(sealed, person, page, AT + TERM) == form
    assert BOX.open(sealed, person + "2", page, AT) is None
    assert BOX.open(sealed, person, page + "2", AT) is None
    assert FormBox(bytes([1] * 32)).open(sealed, person, page, AT) is None


def test_a_box_ends_with_its_term():
    sealed = BOX.seal(FORM, "chen", "/desk", AT)

    assert BOX.open(sealed, "chen", "/desk", AT + TERM + timedelta(seconds=1)) is None
    assert BOX.open(sealed, "chen", "/desk", AT - timedelta(seconds=1)) is None


@pytest.mark.parametrize("forged", ["", "v1.", "v1.AAAA", "v1.信", "\ud800", "gAAAAA", "v1." + "A" * 400])
def test_a_forged_box_is_none(forged):
    assert BOX.open(forged, "chen", "/desk", AT) is None


def test_a_box_changed_in_any_place_is_none():
    sealed = BOX.seal(FORM, "chen", "/desk", AT)

    for place in range(3, len(sealed) - 1):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        assert BOX.open(changed, "chen", "/desk", AT) is None


def test_texts_are_kept_up_to_a_size_and_fit_into_the_sign_in():
    longest = "信" * ((MAX_TEXT - 500) // 3)

    assert len(BOX.seal(KeptForm("/desk", (("text", longest),)), "chen", "/desk", AT)) < MAX_BOX
    with pytest.raises(TooLargeToKeep):
        BOX.seal(KeptForm("/desk", (("text", longest + "信" * 500),)), "chen", "/desk", AT)


def sent_by(page):
    """What a browser sends of the last form of a page, without its buttons."""
    form = html.document_fromstring(page).forms[-1]
    return [(name, value) for name, value in form.form_values() if name != "code"]


LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=40).map(drop_forbidden)


@settings(max_examples=40)
@given(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(drop_forbidden),
    st.lists(st.sampled_from(["basic", "major"]), unique=True).map(sorted),
    st.sampled_from(["letter", "visit"]),
    st.sampled_from(["", "990102", "990103"]),
    LINES.filter(lambda text: not text.startswith("\n")),
)
def test_a_filled_form_sends_what_was_sent(operator, boards, channel, region, text):
    sent = [
        ("number", "D-0"),
        ("operator", operator),
        *(("board", board) for board in boards),
        ("channel", channel),
        ("region", region),
        ("text", text),
    ]

    filled = fill_page(PAGE, KeptForm("/desk/entries", (*sent, ("code", "口令口令口令口令"), ("act", "save"))))

    assert sent_by(filled.to_html()) == sent
    assert "口令口令口令口令" not in filled.to_html()
    assert not filled.unplaced


def test_what_has_no_place_in_the_page_any_more_is_given_beside_it():
    kept = KeptForm("/desk/entries", (("text", "来信"), ("demand", "退款"), ("region", "990109"), ("empty", " ")))

    assert fill_page(PAGE, kept).unplaced == ("退款", "990109")
    assert fill_page("<p>已经办结", kept).unplaced == ("来信", "退款", "990109")


def test_of_forms_with_one_action_the_one_is_filled_that_was_sent():
    page = "".join(
        f'<form method="post" action="/names"><input type="hidden" name="name" value="{name}"><input name="uscc"></form>'
        for name in ("甲店", "乙店")
    )

    filled = fill_page(page, KeptForm("/names", (("name", "乙店"), ("uscc", "9133"))))

    assert [form.fields["uscc"] for form in filled.document.forms] == [None, "9133"]


def test_a_notice_stands_before_the_form():
    filled = fill_page(PAGE, FORM)

    filled.insert('<div class="notice">已恢复</div>')

    assert filled.form.getprevious().text_content() == "已恢复"
