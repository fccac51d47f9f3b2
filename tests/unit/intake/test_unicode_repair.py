"""A cut character becomes U+FFFD; whatever is whole, and whatever is of another encoding, stays as it is."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.unicode_repair import repair_unicode
from services.intake.files.json_lines import read_json_lines


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        (rb"\ud83d", "�"),
        (rb"\ude00 x", "� x"),
        (rb"\ud83d\ud83d\ude00", "�😀"),
        (rb"\ud83d\u4e2d", "�中"),
        (rb"\ud8", "�"),
        (rb"\u", "�"),
        (rb"\\ud83d", r"\ud83d"),
        (rb"\uD83D\uDE00", "😀"),
        (b"x\xf0\x9f\x98", "x�"),
        (b"x\xe4\xb8", "x�"),
        (b"\x98\x80 x", "� x"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "😀"),
        (b"\xed\xa0\xbd", "�"),
    ],
)
def test_half_a_character_is_replaced(text, repaired):
    assert orjson.loads(repair_unicode(b'{"text": "' + text + b'"}')) == {"text": repaired}


@given(st.dictionaries(st.text(), st.text()), st.booleans())
def test_whole_characters_stay(content, ascii_only):
    body = json.dumps(content, ensure_ascii=ascii_only).encode()

    assert repair_unicode(body) is body


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-32"])
def test_another_encoding_stays_unreadable(encoding):
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(repair_unicode('{"text": "投诉商家拒绝退货"}'.encode(encoding)))


@given(st.text(alphabet=st.characters(codec="utf-8")), st.data())
def test_a_text_that_is_cut_between_two_units_can_be_read(text, data):
    units = text.encode("utf-16-le")
    end = 2 * data.draw(st.integers(0, len(units) // 2))
    cut = units[:end].decode("utf-16-le", "surrogatepass")

    repaired = orjson.loads(repair_unicode(json.dumps({"text": cut}).encode()))["text"]

    assert repaired == units[:end].decode("utf-16-le", "replace")


def test_a_line_of_a_file_with_half_a_character_is_a_row(tmp_path):
    file = tmp_path / "reports.jsonl"
    file.write_bytes(b'{"text": "x\\ud83d"}\n{"text": "y"}\n')

    assert [members for _, _, members in read_json_lines(file)] == [{"text": "x\ufffd"}, {"text": "y"}]
