"""The topic against the releases: it may repeat, and lack older versions, but not the newest; nor reorder, alter or add."""

from __future__ import annotations

import pytest

from services.publisher.verification.topic import TopicComparison, Version

ONE = Version.of({"version": 1, "state": "released", "title": "甲"})
TWO = Version.of({"version": 2, "state": "corrected", "title": "乙"})
OTHER = Version.of({"version": 2, "state": "corrected", "title": "丙"})


def differences(released, published, later=()):
    comparison = TopicComparison()
    comparison.released["A"] += released
    comparison.later["A"] += later
    for version in published:
        comparison.add_published("A", version)
    return comparison.differences()


@pytest.mark.parametrize("published", [[ONE, TWO], [ONE, ONE, TWO, TWO], [ONE, TWO, ONE]])
def test_repetitions_are_no_difference(published):
    assert differences([ONE, TWO], published) == []


def test_older_versions_may_be_compacted_away():
    assert differences([ONE, TWO], [TWO]) == []
    assert differences([ONE], [TWO], later=[TWO]) == []


@pytest.mark.parametrize("published", [[], [ONE], [TWO, ONE], [ONE, OTHER], [OTHER], [ONE, TWO, OTHER]])
def test_what_is_missing_reordered_altered_or_added_is_found(published):
    assert len(differences([ONE, TWO], published)) == 1


def test_a_difference_names_the_item_and_both_sides():
    assert differences([ONE, TWO], [ONE]) == ["A: the topic tells v1 released, released were v1 released, v2 corrected"]
    assert differences([], [ONE]) == ["A: the topic tells v1 released, released were nothing"]


@pytest.mark.parametrize("published", [[ONE], [ONE, TWO]])
def test_a_release_during_the_reading_may_be_on_the_topic_already(published):
    assert differences([ONE], published, later=[TWO]) == []


def test_a_release_during_the_reading_excuses_no_other_difference():
    assert differences([ONE], [ONE, OTHER], later=[TWO]) != []


def test_the_order_of_fields_makes_no_other_version():
    assert Version.of({"state": "released", "title": "甲", "version": 1}) == ONE
