"""What the topic tells against what was released: it may repeat, but not miss, reorder, alter or add."""

from __future__ import annotations

import pytest

from services.publisher.verification.topic import Telling, Version

ONE = Version.of({"version": 1, "state": "released", "title": "甲"})
TWO = Version.of({"version": 2, "state": "corrected", "title": "乙"})
OTHER = Version.of({"version": 2, "state": "corrected", "title": "丙"})


def telling(released, told, later=()):
    telling = Telling()
    telling.released["A"] += released
    telling.later["A"] += later
    for version in told:
        telling.hear("A", version)
    return telling.differences()


@pytest.mark.parametrize("told", [[ONE, TWO], [ONE, ONE, TWO, TWO], [ONE, TWO, ONE]])
def test_repetitions_are_no_difference(told):
    assert telling([ONE, TWO], told) == []


@pytest.mark.parametrize("told", [[], [ONE], [TWO, ONE], [ONE, OTHER], [ONE, TWO, OTHER]])
def test_what_is_missing_reordered_altered_or_added_is_found(told):
    assert len(telling([ONE, TWO], told)) == 1


def test_a_difference_names_the_item_and_both_sides():
    assert telling([ONE, TWO], [ONE]) == ["A: the topic tells v1 released, released were v1 released, v2 corrected"]
    assert telling([], [ONE]) == ["A: the topic tells v1 released, released were nothing"]


@pytest.mark.parametrize("told", [[ONE], [ONE, TWO]])
def test_what_was_released_while_the_topic_was_read_may_be_told_already(told):
    assert telling([ONE], told, later=[TWO]) == []


def test_what_was_released_meanwhile_excuses_nothing_else():
    assert telling([ONE], [ONE, OTHER], later=[TWO]) != []


def test_the_order_of_fields_makes_no_other_version():
    assert Version.of({"state": "released", "title": "甲", "version": 1}) == ONE
