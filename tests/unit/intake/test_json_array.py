"""A JSON array is cut into the bytes of its items, whatever the items hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.json_array import NotAnArray, TooManyItems, split_array

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda within: st.lists(within, max_size=4) | st.dictionaries(st.text(max_size=5), within, max_size=4),
    max_leaves=20,
)


@given(st.lists(VALUES, max_size=8), st.booleans(), st.sampled_from([None, 1]))
def test_the_items_of_any_array_are_found(items, ascii_only, indent):
    body = json.dumps(items, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")

    assert [json.loads(item.decode("utf-8", "surrogatepass")) for item in split_array(body, 100)] == items


@pytest.mark.parametrize(
    "item", [b"nul", b'{"a": }', b"\xff\xfe", b'"\x01\n"', b'"\\ud83d"', b"[" * 3000 + b"]" * 3000, b"{]", b""]
)
def test_an_item_that_is_no_json_costs_no_other(item):
    assert split_array(b'[{"a": "],["},' + item + b',"\\\\"]', 100) == [b'{"a": "],["}', item, b'"\\\\"']


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[1", b"[[1]", b"[1]]", b"[1] 2", b'["a]', b'["a\\'])
def test_what_does_not_begin_or_end_as_an_array_is_none(body):
    with pytest.raises(NotAnArray):
        split_array(body, 100)


def test_an_array_of_too_many_items_is_left_before_its_end():
    with pytest.raises(TooManyItems):
        split_array(b"[" + b"1," * 1000, 100)
