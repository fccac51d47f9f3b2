"""Every entrance takes the same characters, and XML can hold whatever a text may hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from services.intake.domain.report import is_escape_free
from shared.text import drop_forbidden, has_forbidden, replace_forbidden, to_line

EVERY = [chr(number) for number in range(0x110000)]
DIRECTION = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def is_expected(character: str) -> bool:
    """Return whether a character is refused, by the Unicode data base and not by our table."""
    number, category = ord(character), unicodedata.category(character)
    noncharacter = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    control = category == "Cc" and character not in "\t\n\r"
    return control or category == "Cs" or noncharacter or unicodedata.bidirectional(character) in DIRECTION


def test_each_character_of_unicode_is_refused_exactly_for_what_it_is() -> None:
    assert [character for character in EVERY if has_forbidden(character) != is_expected(character)] == []


def test_xml_holds_whatever_a_text_may_hold() -> None:
    element = etree.Element("a")
    element.text = "".join(character for character in EVERY if not has_forbidden(character))

    assert etree.fromstring(etree.tostring(element)).text == element.text
    with pytest.raises(ValueError, match="XML"):
        element.text = "a\ufffe"


def test_json_with_a_refused_character_is_never_taken_for_a_plain_one() -> None:
    refused = [character for character in EVERY if has_forbidden(character) and not "\ud800" <= character <= "\udfff"]

    assert [character for character in refused if character > "\x1f" and is_escape_free(f'"文{character}"'.encode())] == []
    assert is_escape_free('{"text": "消费者反映“退款”问题…"}'.encode())
    assert is_escape_free('{"name": "阿卜杜·热合曼"}'.encode())  # begins with a byte that a control character begins with, too


@given(st.text())
def test_what_is_dropped_or_replaced_is_only_what_is_refused(text: str) -> None:
    assert not has_forbidden(drop_forbidden(text))
    assert not has_forbidden(replace_forbidden(text))
    assert (drop_forbidden(text) == text) == (replace_forbidden(text) == text) == (not has_forbidden(text))


def test_a_line_has_no_breaks() -> None:
    assert to_line(" 李\u202e娜\r\n\t（代理）\x07 ") == "李娜 （代理）"
