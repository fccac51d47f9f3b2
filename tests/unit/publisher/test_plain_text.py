"""Texts of pages are compared as a browser reads them: what looks like a tag in a text is none."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from services.publisher.verification.permalinks import page_text, plain_words

# What XML and HTML can hold at all; a page holds nothing else.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40)
PAGE = '<!doctype html><html><head><title>公示</title></head><body><p data-x="a>b">{}</p></body></html>'


def test_angle_brackets_and_entities_of_a_text_are_found_in_its_page() -> None:
    for words in ("满<300>减50", "a < b > c", "&lt;b&gt; 未履行", "<script>x</script>", "甲&amp;乙", "<!-- 备注 -->"):
        assert plain_words(words) in page_text(PAGE.format(escape(words))), words


def test_a_text_that_a_page_lacks_is_not_found_in_its_markup() -> None:
    assert plain_words("data-x") not in page_text(PAGE.format("甲"))
    assert plain_words("满<300>减50") not in page_text(PAGE.format("满减50"))


@given(TEXTS)
def test_every_text_is_found_in_its_page(words: str) -> None:
    assert plain_words(words) in page_text(PAGE.format(escape(words)))
