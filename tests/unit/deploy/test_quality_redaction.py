"""The measurement of redaction: its sets, its counts, and that it can fail."""

from __future__ import annotations

import orjson
import pytest

from deploy.quality.redaction import PARTS, BadSet, LabelledText, labelled_texts, measure, read_labelled_texts
from shared.personal_data.second_stage import load_second_stage

# What the rules reach is above; below it something has broken.
LEAST = {"name": 0.96, "address": 0.97, "company": 0.97}
LEAST_OF_PATTERNS = 0.95


@pytest.mark.parametrize("part", PARTS)
def test_spans_are_where_the_words_are_and_a_seed_gives_the_same_texts(part):
    texts = list(labelled_texts(PARTS[part], 3, 60))

    assert texts == list(labelled_texts(PARTS[part], 3, 60))
    assert all(0 <= start < end <= len(each.text) for each in texts for start, end, _ in each.spans)


def test_both_stages_find_personal_data_that_their_rules_were_not_written_for():
    found = measure(labelled_texts(PARTS["unseen"], 23, 700), load_second_stage())

    shares = {kind: found.right[kind] / total for kind, total in found.total.items()}
    assert {kind: share for kind, share in shares.items() if share < LEAST.get(kind, LEAST_OF_PATTERNS)} == {}


def test_what_is_missed_is_counted_as_missed():
    quality = measure(
        [LabelledText("甲乙丙丁", ((0, 2, "name"),)), LabelledText("电话13800138000", ((2, 13, "company"),))],
        load_second_stage(),
    )

    assert quality.to_json() == {"recall": {"name": 0.0}, "kept": {"company": 0.0}, "counts": {"company": 1, "name": 1}}


def test_a_set_is_read_from_json_lines_and_a_wrong_line_is_named(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_bytes(orjson.dumps({"text": "打13800138000", "spans": [[1, 12, "phone"]]}) + b"\n\n")
    assert list(read_labelled_texts(path)) == [LabelledText("打13800138000", ((1, 12, "phone"),))]

    for wrong in (
        b"{",
        b'{"text": 1, "spans": []}',
        b'{"text": "a", "spans": [[0, 2, "x"]]}',
        b'{"text": "a", "spans": [[0]]}',
        b"[]",
    ):
        path.write_bytes(wrong)
        with pytest.raises(BadSet, match="line 1"):
            list(read_labelled_texts(path))
