"""The sample hotlines: the same world for the same seed, with the promised variety and faults."""

from collections import Counter
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import orjson
import pytest
from stdnum.cn import ric, uscc

from deploy.samples import Emission, bench_records, csv_file, generate, http_batches, kafka_emissions, operator_register
from deploy.samples.season import local_time, seconds, utc_time
from shared.reference import categories, industries, regions

UNTIL = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def world() -> tuple[Emission, ...]:
    return tuple(generate(until=UNTIL))


@cache
def valid_events() -> tuple[tuple[Emission, dict], ...]:
    """Every acceptable event with the data it carries."""
    return tuple((sent, carried(sent)) for sent in world() if sent.facts and sent.carrier != "csv_row")


def carried(sent: Emission) -> dict:
    body = orjson.loads(sent.body)
    return body if sent.carrier == "kafka_binary" else body["data"]


def test_the_same_arguments_give_the_same_bytes():
    assert list(generate(3, 300, until=UNTIL)) == list(generate(3, 300, until=UNTIL))


def test_another_seed_is_another_city():
    here, there = (list(generate(seed, 300, until=UNTIL)) for seed in (3, 4))

    assert {sent.external_id for sent in here}.isdisjoint(sent.external_id for sent in there)
    assert operator_register(3) != operator_register(4)


def test_worlds_of_other_length_share_no_external_id():
    short, long = (list(generate(3, count, until=UNTIL)) for count in (100, 200))

    assert {sent.external_id for sent in short}.isdisjoint(sent.external_id for sent in long)


def test_the_carrier_changes_nothing_of_the_content():
    own = [sent.facts for sent in generate(3, 300, until=UNTIL)]
    kafka = list(generate(3, 300, until=UNTIL, carriers="kafka"))

    assert own == [sent.facts for sent in kafka]
    assert {sent.carrier for sent in kafka} == {"kafka_binary", "kafka_structured"}


def test_twenty_thousand_disputes_are_reported():
    complaints = {sent.facts.dispute for sent in world() if sent.facts and sent.facts.kind == "complaint"}

    assert len(complaints) == 20_000


def test_emissions_come_in_order_of_sending_and_before_the_end():
    assert all(one.at <= other.at for one, other in pairwise(world()))
    assert world()[-1].at < seconds(UNTIL)


def test_three_hundred_operators_have_right_codes_and_the_miscopied_ones_are_wrong():
    operators = operator_register(1)

    assert len(operators) == 300
    assert len({operator.uscc for operator in operators}) == 300
    assert len({operator.name for operator in operators}) == 300
    assert all(uscc.is_valid(operator.uscc) for operator in operators)
    assert not any(uscc.is_valid(operator.miscopied_uscc) for operator in operators)


def test_operators_are_spread_over_all_districts_and_industries():
    operators = operator_register(1)

    assert {operator.region for operator in operators} == {code for code, region in regions().items() if region.tile}
    assert {operator.trade.industry for operator in operators} == set(industries())
    assert sum(operator.site is not None for operator in operators) > 30
    assert sum(operator.platform is not None for operator in operators) > 30


def test_few_operators_have_most_complaints():
    counts = Counter(sent.facts.true_uscc for sent in world() if sent.facts and sent.facts.revision == 1)
    ranked = sorted(counts.values(), reverse=True)

    assert len(ranked) == 300
    assert 0.02 < ranked[0] / sum(ranked) < 0.05
    assert ranked[0] > 20 * ranked[-1]


def test_texts_hardly_ever_repeat():
    texts = {sent.external_id: report["text"] for sent, report in valid_events()}

    assert len(set(texts.values())) > 0.95 * len(texts)


def test_every_category_has_hundreds_of_titles():
    ways: dict[str, set[str]] = {}
    for _, report in valid_events():
        ways.setdefault(report["category"], set()).add(report["title"])

    assert all(len(ways[code]) > 200 for code in ways if code in categories())


def test_no_slot_is_left_open_in_a_text():
    assert not [report["text"] for _, report in valid_events() if set("{}|") & set(report["text"] + report["title"])]


def test_personal_data_is_in_the_text_as_listed():
    with_personal_data = [(sent, report) for sent, report in valid_events() if sent.personal]

    assert all(piece in report["text"] for sent, report in with_personal_data for piece in sent.personal)
    assert 0.3 < len(with_personal_data) / len(valid_events()) < 0.5


def test_identity_numbers_have_a_right_check_and_no_region_that_exists():
    numbers = {report["complainant"]["id_number"] for _, report in valid_events()} - {None}

    assert all(number[-1] == ric.calc_check_digit(number) for number in numbers)
    assert all(number.startswith("9901") for number in numbers)


def test_a_closed_complaint_has_an_outcome_and_its_moments_are_in_order():
    for _, report in valid_events():
        moments = [report[name] for name in ("received_at", "accepted_at", "closed_at") if report[name]]
        assert moments == sorted(moments, key=datetime.fromisoformat)
        assert (report["status"] == "closed") == (report["outcome"] is not None) == (report["closed_at"] is not None)


def test_amounts_are_decimal_text():
    amounts = {report["amount"] for _, report in valid_events()} - {None}

    assert all(amount == f"{float(amount):.2f}" and float(amount) > 0 for amount in amounts)


def test_every_kind_of_faulty_event_occurs():
    expected = Counter(sent.expected for sent in world())
    faults = {sent.fault for sent in world()}
    seen = set()
    late = 0
    for sent in world():
        if sent.expected == "accepted":
            key = sent.external_id, sent.facts.revision + 1
            late += key in seen
            seen.add((sent.external_id, sent.facts.revision))

    assert expected["duplicate"] > 500
    assert late > 100
    assert 0.002 < expected["refused"] / len(world()) < 0.005
    assert {
        "json_truncated",
        "not_utf8",
        "nul_character",
        "text_huge",
        "date_in_future",
        "amount_negative",
        "conflict",
    } <= faults
    assert sum(sent.facts.dispute[1] != sent.external_id for sent in world() if sent.facts) > 1_000
    assert sum(sent.facts.kind == "tip_off" for sent in world() if sent.facts) > 1_000


def test_a_malformed_event_has_an_external_id_of_its_own():
    malformed = {sent.external_id for sent in world() if sent.fault not in (None, "conflict")}

    assert malformed.isdisjoint(sent.external_id for sent in world() if sent.facts)


def test_a_repeated_event_has_the_content_of_the_first():
    contents = {}
    for sent, report in valid_events():
        assert contents.setdefault((sent.external_id, sent.facts.revision), report) == report


def test_binary_events_carry_cloudevents_headers_and_the_key_of_their_report():
    sent = next(sent for sent in world() if sent.carrier == "kafka_binary")

    headers = dict(sent.headers)

    assert set(headers) == {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"}
    assert headers["ce_source"].decode().startswith("/samples/")
    assert sent.key.decode() == f"{sent.source}|{sent.external_id}"


def test_months_and_weekdays_differ():
    days = Counter(sent.facts.received for sent in world() if sent.facts and sent.facts.revision == 1)
    weekdays = Counter()
    for day, count in days.items():
        weekdays[date.fromisoformat(day).weekday()] += count

    assert weekdays[0] > 1.4 * weekdays[6]
    assert days["2026-03-15"] > days["2026-03-08"]


@pytest.mark.parametrize("moment", [0, 1_764_518_399, 1_764_518_400, 1_795_363_199])
def test_moments_are_written_in_both_clocks(moment: int):
    assert datetime.fromisoformat(local_time(moment)) == datetime.fromtimestamp(moment, SHANGHAI)
    assert datetime.fromisoformat(utc_time(moment)) == datetime.fromtimestamp(moment, SHANGHAI)


def test_on_site_reports_go_out_in_batches():
    batches = list(http_batches(world(), size=50))

    assert sum(len(chunk) for _, chunk, _ in batches) == sum(sent.carrier == "http_batch" for sent in world())
    assert all(len(orjson.loads(body)) == len(chunk) <= 50 for _, chunk, body in batches)


def test_letters_are_a_spreadsheet_in_gb18030():
    lines = csv_file(world()).decode("gb18030").splitlines()

    assert lines[0].startswith("编号,版次,类型,来信时间")
    assert len(lines) == 1 + sum(sent.carrier == "csv_row" for sent in world())


@pytest.mark.parametrize("total", [1, 7, 100, 3_000])
def test_a_stream_has_exactly_the_length_asked_for(total: int):
    assert sum(1 for _ in kafka_emissions(total, until=UNTIL)) == total


def test_records_for_a_bench_are_valid_events():
    for key, headers, value in bench_records(500, until=UNTIL):
        assert key
        assert headers
        assert orjson.loads(value)
