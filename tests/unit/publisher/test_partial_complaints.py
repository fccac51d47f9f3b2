"""What the publisher reads of a complaint without parsing it leaves out none of which an item could be made."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from deploy.bench.revisions import Expected, revisions
from services.publisher.bureau import BureauContext
from services.publisher.domain.major import can_be_published, is_major
from services.publisher.handlers.complaints import PartialComplaint, partial_decoder
from shared.contracts import ComplaintRevised, Kind, Status, binary_headers
from shared.rules import HarmSearch
from shared.settings import Settings

REVISIONS = [ComplaintRevised.model_validate_json(each.body()) for each in revisions(12, 1, Expected())]
AT = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = ["骨折", "受伤", '"status":"received"', '","revision":1,', "退款"]
TEXTS = st.none() | st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=3).map("".join)


@pytest.fixture(scope="module")
def bureau(tmp_path_factory):
    return BureauContext.load(Settings(home=tmp_path_factory.mktemp("home")))


def harm_header(bureau, complaint):
    """The header that intake writes."""
    search = HarmSearch(rules.major for rules in bureau.rule_book.versions)
    return search.to_header(found=search.matches(complaint.category, f"{complaint.title or ''}{complaint.text or ''}"))


def read(bureau, complaint, body=None, *more):
    headers = (*binary_headers(complaint, event_id=UUID(int=1), source="/gongshi/intake", at=AT), *more)
    record = ConsumerRecord(complaint.topic, 0, 0, 0, 0, None, body or complaint.body(), None, 0, 0, headers)
    partial = partial_decoder(bureau)(record).event
    assert isinstance(partial, PartialComplaint)
    return partial


@given(
    st.sampled_from(REVISIONS), st.integers(1, 12), st.sampled_from(Kind), st.sampled_from(Status), TEXTS, TEXTS,
    st.sampled_from([None, "0.00", "9999.99", "10000.00", "100000.00", "99999999.00"]),
    st.sampled_from([None, "quality.safety", "prepaid"]),
)  # fmt: skip
def test_a_complaint_that_can_become_an_item_is_parsed(bureau, base, revision, kind, status, title, text, amount, category):
    complaint = base.model_copy(update={
        "revision": revision, "kind": kind, "status": status, "title": title, "text": text, "amount": amount,
        "category": category,
    })  # fmt: skip

    rules = bureau.rules(AT).major
    can_become_item = is_major(complaint, rules) and can_be_published(complaint)
    for more in ((), (harm_header(bureau, complaint),)):
        partial = read(bureau, complaint, None, *more)

        assert partial.complaint_id == str(complaint.complaint_id)
        assert partial.first == (revision == 1)
        assert partial.major or not can_become_item


def test_what_the_header_says_of_harm_is_not_searched_for_again(bureau):
    small = REVISIONS[0].model_copy(update={"amount": "1.00", "status": Status.ACCEPTED, "kind": Kind.COMPLAINT})
    hurt = small.model_copy(update={"category": None, "title": "购物", "text": "当场骨折"})
    harmless = small.model_copy(update={"category": None, "title": "购物", "text": "要求退款"})

    assert not read(bureau, hurt, None, harm_header(bureau, harmless)).major
    assert read(bureau, harmless, None, harm_header(bureau, hurt)).major


@pytest.mark.parametrize("header", [("ce_harm", b"0"), ("ce_harm", b""), ("ce_harm", None)])
def test_without_a_header_of_these_rules_it_is_searched_for(bureau, header):
    hurt = REVISIONS[0].model_copy(update={
        "amount": "1.00", "status": Status.ACCEPTED, "kind": Kind.COMPLAINT, "category": None, "text": "当场骨折",
    })  # fmt: skip
    others = [rules.major.model_copy(update={"harm_words": ("退款",)}) for rules in bureau.rule_book.versions]

    assert read(bureau, hurt, None, header).major
    assert read(bureau, hurt, None, HarmSearch(others).to_header(found=False)).major


def test_one_that_no_item_can_be_made_of_is_not_parsed(bureau):
    waiting = REVISIONS[0].model_copy(update={"amount": "99999999.00", "status": Status.RECEIVED})

    assert not read(bureau, waiting).major
    assert read(bureau, waiting.model_copy(update={"status": Status.ACCEPTED})).major


def test_what_another_writer_spells_otherwise_is_parsed(bureau):
    waiting = REVISIONS[0].model_copy(update={"status": Status.RECEIVED, "revision": 1})
    spelled = orjson.dumps(orjson.loads(waiting.body()), option=orjson.OPT_INDENT_2)

    partial = read(bureau, waiting, spelled)

    assert partial.major
    assert not partial.first
