"""What two reports have in common, which of linked reports counts, and how well that finds invented disputes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.quality.dispute_sentences import PARTS
from deploy.quality.duplicates import Teller, measure_links
from services.intake.domain.disputes import admit_links, duplicates_of, group_linked, priority_of
from services.intake.domain.duplicates import DOUBTS, Agreement, Band, Traits, judge
from services.intake.domain.match_keys import NO_KEYS, MatchKeyMaker, MatchKeys, pack_keys, unpack_keys
from services.intake.domain.named_days import named_days
from services.intake.domain.sketch import likeness, sketch
from shared.contracts.reports import Channel, Complainant, Outcome, Status

KEYS = MatchKeyMaker(lambda: b"k" * 32)
TEXT = "9月30日在锦程通讯购买手机一部，回家后发现屏幕有亮点，商家拒绝更换，要求退货退款。"
RETOLD = "消费者称于9月30日从锦程通讯器材购买手机，到家发现屏幕有亮点，找商家要求更换被拒绝，现请求退货退款。"
IDS = [UUID(int=number) for number in range(1, 8)]


class FakeReport:
    """The parts of a report from which digests are made."""

    def __init__(self, text: str = "", **complainant: str) -> None:
        self.complainant, self.text, self.title = Complainant.model_validate(complainant), text, None


def keys(text: str = "", **complainant: str) -> MatchKeys:
    return KEYS.of_report(FakeReport(text, **complainant))


def traits(number: int, source: int, found: MatchKeys = NO_KEYS, **changed) -> Traits:
    plain = Traits(
        IDS[number], source, "91990102MA9K08RC3G", "云州锦程", date(2026, 10, 1), 129900, None, (), KEYS.of_reference(f"DH{number:09}"),
        found, sketch(TEXT),
    )  # fmt: skip
    return plain._replace(**changed)


CALLER = keys(name="周小宁", phone="13912345670")


@pytest.mark.parametrize(
    "written",
    ["13912345670", "139 1234 5670", "139-1234-5670", "+86 13912345670", "0086-13912345670", "１３９１２３４５６７０", "13912345670（本人）",
     "0571-88001234；13912345670"],
)  # fmt: skip
def test_a_telephone_number_has_one_digest_however_it_is_written(written):
    assert keys(phone="13912345670").phones[0] in keys(phone=written).phones


@pytest.mark.parametrize(
    ("one", "other"),
    [("0571-88001234转803", "（0571）8800 1234"), ("+86 571 88001234", "057188001234"), ("0571-88001234-12", "0571 88001234")],
)
def test_a_landline_has_one_digest_with_and_without_its_extension(one, other):
    found, also = keys(phone=one).phones[0], keys(phone=other).phones[0]
    assert found
    assert found == also or one.startswith("+86")


@pytest.mark.parametrize("filler", ["", "无", "0", "1111111", "13800138000", "00000000000", "12345"])
def test_what_is_typed_where_there_is_no_number_has_no_digest(filler):
    assert keys(phone=filler or None).is_empty


def test_an_identity_number_has_one_digest_in_both_lengths_and_a_name_none_where_it_names_nobody():
    assert keys(id_number="330102198001011231").identity == keys(id_number="330102800101123").identity
    assert keys(id_number="33010219800101123x").identity == keys(id_number=" 330102 19800101 123X ").identity
    for name in ("匿名", "周女士", "周某", "周**", "本人"):
        assert keys(name=name).name == 0


def test_digests_of_another_key_or_another_kind_are_others():
    other = MatchKeyMaker(lambda: b"j" * 32).of_report(FakeReport(phone="13912345670"))
    assert other.phones[0] != keys(phone="13912345670").phones[0]
    assert keys(id_number="13912345670").identity != keys(phone="13912345670").phones[0]


def test_a_number_that_a_text_cites_is_that_of_the_other_report():
    cited = keys("曾拨打12345反映，工单编号：DH-000000001，未解决。").cited
    assert KEYS.of_reference("DH000000001") in cited


@given(st.lists(st.tuples(st.binary(min_size=16, max_size=16), st.tuples(*[st.integers(-(2**63), 2**63 - 1)] * 6)), max_size=9))
def test_what_is_packed_is_unpacked(rows):
    given_keys = [(each, MatchKeys((a, b), c, d, (e, f))) for each, (a, b, c, d, e, f) in rows]
    assert list(unpack_keys(b"".join(pack_keys(*each) for each in given_keys))) == given_keys


def test_likeness_of_texts_is_near_that_of_their_pairs():
    assert likeness(sketch(TEXT), sketch(TEXT)).jaccard == pytest.approx(1)
    assert likeness(sketch(TEXT), sketch(RETOLD)).contained > 0.4
    assert likeness(sketch(TEXT), sketch("健身卡余额被清零，门店已经搬空，经营者失联，希望退还余款。")).jaccard < 0.08
    assert likeness(sketch("退货"), sketch(TEXT)) is None


def test_days_are_read_in_their_notations():
    assert named_days("2026年9月30日付款，10月3号收货，2026-10-05退回，共12.5元，版本1.2.3，电话0571-8800") == (930, 1003, 1005)


@pytest.mark.parametrize(
    ("changed", "band"),
    [
        ({}, Band.LINK),
        ({"source_id": 1}, Band.ASK),
        ({"amount": 99900}, Band.ASK),
        ({"operator_key": "91330100MA27XQ3J0C"}, Band.ASK),
        ({"keys": keys(name="周小宁", phone="13912345679")}, Band.ASK),
        ({"keys": keys(name="李平", phone="13912345670")}, Band.ASK),
        ({"keys": keys(name="李平", phone="13912345679")}, Band.SEPARATE),
        ({"keys": NO_KEYS}, Band.ASK),
        ({"keys": NO_KEYS, "amount": 99900}, Band.SEPARATE),
        ({"received_on": date(2026, 12, 1)}, Band.SEPARATE),
        ({"received_on": date(2026, 11, 29)}, Band.LINK),
    ],
)
def test_what_is_certain_is_linked_what_is_in_doubt_is_asked(changed, band):
    one = traits(0, 1, CALLER)
    other = traits(1, 2, CALLER, sketch=sketch(RETOLD))._replace(**changed)

    assert judge(one, other).band is band
    assert judge(other, one) == judge(one, other)


def test_a_cited_number_links_and_people_are_told_apart_all_the_same():
    one = traits(0, 1, keys(name="周小宁"))
    other = traits(1, 2, keys("工单编号：DH000000000。", name="周小宁"), sketch=sketch(RETOLD))
    assert judge(one, other).band is Band.LINK
    stranger = other._replace(keys=keys("工单编号：DH000000000。", name="李平", phone="13912345679"))
    assert judge(one._replace(keys=CALLER), stranger).band is Band.ASK


@given(
    st.sampled_from([CALLER, NO_KEYS, keys(name="李平", phone="13912345679"), keys(name="周小宁")]),
    st.sampled_from([1, 2]),
    st.sampled_from([129900, 5, None]),
    st.sampled_from([TEXT, RETOLD, "", "完全不同的一件事情，与前者没有任何关系可言。"]),
    st.integers(0, 90),
)
def test_nothing_is_linked_with_a_doubt(found, source, amount, text, days):
    one = traits(0, 1, CALLER)
    other = traits(1, source, found, amount=amount, sketch=sketch(text), received_on=one.received_on + timedelta(days=days))
    judgement = judge(one, other)
    if judgement.band is Band.LINK:
        assert not DOUBTS & set(judgement.agreements)
        assert set(judgement.agreements) & {Agreement.SAME_PHONE, Agreement.SAME_IDENTITY, Agreement.CITED}


PAIRS = list(combinations(IDS, 2))
PRIORITIES = {
    each: priority_of(each, channel, status, outcome, accepted=status is not Status.RECEIVED)
    for each, channel, status, outcome in zip(
        IDS,
        [Channel.HOTLINE_12345, Channel.PLATFORM, Channel.ON_SITE, Channel.HOTLINE_12345, Channel.LETTER, Channel.PLATFORM, Channel.OTHER],
        [Status.CLOSED, Status.RECEIVED, Status.ACCEPTED, Status.CLOSED, Status.RECEIVED, Status.CLOSED, Status.MEDIATING],
        [Outcome.TRANSFERRED, None, None, Outcome.MEDIATED, None, Outcome.FAILED, None],
        strict=True,
    )
}  # fmt: skip


@given(st.lists(st.sampled_from(PAIRS), max_size=9), st.randoms(use_true_random=False))
def test_in_any_order_of_links_one_report_of_each_dispute_counts(links, chance):
    found = duplicates_of(group_linked(IDS, links), PRIORITIES)
    shuffled = list(links)
    chance.shuffle(shuffled)

    assert duplicates_of(group_linked(IDS, shuffled), PRIORITIES) == found
    assert set(found) == set(IDS)
    for group in group_linked(IDS, links):
        (counted,) = [each for each in group if found[each] is None]
        assert {found[each] for each in group} <= {None, counted}
        assert PRIORITIES[counted] == min(PRIORITIES[each] for each in group)


@given(
    st.sets(st.sampled_from(PAIRS), max_size=6), st.sets(st.sampled_from(PAIRS), max_size=4), st.sets(st.sampled_from(PAIRS), max_size=4)
)  # fmt: skip
def test_no_link_of_the_program_joins_what_a_clerk_told_apart(wanted, links, separate):
    joined = {pair for group in group_linked(IDS, links) for pair in combinations(sorted(group), 2)}
    separate -= joined
    admitted = admit_links(wanted, links, separate)

    assert admitted <= wanted
    after = {pair for group in group_linked(IDS, [*links, *admitted]) for pair in combinations(sorted(group), 2)}
    assert not after & separate


def test_what_is_mediated_counts_before_what_was_passed_on():
    groups = [[IDS[0], IDS[1], IDS[3]]]
    assert duplicates_of(groups, PRIORITIES) == {IDS[0]: IDS[3], IDS[1]: IDS[3], IDS[3]: None}


def test_links_of_the_unseen_part_are_right_and_hardly_a_duplicate_is_missed():
    found = measure_links(Teller(PARTS["unseen"], 11).reports(1_500)).to_json()
    assert found["precision_linked"] >= 0.99
    assert found["recall_with_desk"] >= 0.95
    # A negative control: what is told twice is there to be found.
    assert found["counts"]["duplicates"] > 300
