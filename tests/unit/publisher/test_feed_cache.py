"""Cached feeds: never more bytes than there is room for, and never a page under another tag than its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.publisher.web.feeds import FeedCache

CAPACITY = 100
PAGES = st.tuples(st.sampled_from(["/a", "/b", "/c", "/d"]), st.sampled_from(["zh", "en"]), st.integers(0, 60).map(bytes))


@given(st.lists(PAGES, max_size=40))
def test_a_cache_of_feeds_keeps_the_newest_within_its_bytes(puts: list[tuple[str, str, bytes]]) -> None:
    cache, newest = FeedCache(CAPACITY), dict[tuple[str, str], tuple[str, bytes]]()

    for number, (path, language, body) in enumerate(puts):
        cache.put(path, language, str(number), body)
        newest[path, language] = (str(number), body)
        assert cache.get(path, language, str(number)) == body

    held = {key: cache.get(*key, tag) for key, (tag, _) in newest.items()}
    assert all(body in {None, newest[key][1]} for key, body in held.items())
    assert sum(len(body) for body in held.values() if body) <= CAPACITY
    assert all(cache.get(*key, "another") is None for key in newest)
