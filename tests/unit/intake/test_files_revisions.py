"""Lists without revision numbers: what dates them, and which content of a complaint is the newer one."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.decision import ComplaintState
from services.intake.domain.list_history import MAX_CONTENTS, advance, assign_revision
from services.intake.domain.report import ListDate, content_hash
from services.intake.files.list_dates import create_list_dates, find_export_day
from services.intake.files.mapping import RevisionOrder, SourceMapping
from services.intake.files.rows import RefusedRow, RowConverter
from services.intake.files.table import FileUnreadable, Row
from shared.contracts import ComplaintReport

COLUMNS = {"external_id": "编号", "received_at": "时间", "operator.name": "单位", "title": "标题", "revision": "版次"}
CONSTANTS = {"channel": "letter", "kind": "complaint", "status": "received"}
CELLS = {"编号": "1", "时间": "2026-09-01", "单位": "甲", "标题": "题"}
DAY = datetime(2026, 9, 30, tzinfo=UTC)


def mapping(**order):
    return SourceMapping(columns=COLUMNS, constants=CONSTANTS, revisions=order or {"by": "file_date"})


def report(status="received", amount=None, **moments):
    data = {"channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-09-01T09:00:00+08:00",
            "operator": {"name": "甲"}, "title": "题", "status": status, "amount": amount} | moments  # fmt: skip
    return ComplaintReport.model_validate_json(orjson.dumps(data))


class Complaint:
    """A complaint as lists leave it."""

    def __init__(self):
        self.state = self.listed = self.content = None

    def show(self, content, moment, *, is_certain=True):
        """Apply a listed content; return whether it was new, a duplicate or older."""
        digest, list_date = content_hash(content), ListDate(moment, is_certain)
        revision = assign_revision(self.state, self.listed, content, digest, list_date)
        if revision is None:
            return "older"
        self.listed = advance(self.listed, content, digest, list_date)
        if self.state and revision == self.state.source_revision:
            return "duplicate"
        self.state = ComplaintState(
            UUID(int=1),
            revision,
            digest,
            ever_accepted=False,
            withheld=False,
            revision=revision,
            operator_key="N-1",
            name_key=None,
        )
        self.content = content
        return "new"


RECEIVED, ACCEPTED = report(), report("accepted", accepted_at="2026-09-03T09:00:00+08:00")
CLOSED = report("closed", accepted_at="2026-09-03T09:00:00+08:00", closed_at="2026-09-20T09:00:00+08:00")


@pytest.mark.parametrize("is_certain", [True, False])
def test_the_next_list_wins_the_same_changes_nothing_and_the_one_before_is_older(is_certain):
    complaint = Complaint()
    later = DAY + timedelta(days=31)

    shown = [complaint.show(content, moment, is_certain=is_certain) for content, moment in (
        (RECEIVED, DAY), (CLOSED, later), (CLOSED, later), (RECEIVED, DAY), (ACCEPTED, DAY + timedelta(days=3)),
    )]  # fmt: skip

    assert shown == ["new", "new", "duplicate", "older", "older"]
    assert complaint.content == CLOSED


def test_lists_of_one_day_follow_each_other_as_they_are_imported_but_never_back():
    complaint = Complaint()

    assert [complaint.show(content, DAY, is_certain=False) for content in (RECEIVED, CLOSED, RECEIVED)] == [
        "new",
        "new",
        "older",
    ]
    assert Complaint().show(CLOSED, DAY, is_certain=False) == "new"


def test_an_older_list_that_was_never_imported_is_known_by_its_stage():
    complaint = Complaint()
    complaint.show(CLOSED, DAY, is_certain=False)

    assert complaint.show(ACCEPTED, DAY, is_certain=False) == "older"
    assert complaint.show(report("mediating"), DAY, is_certain=False) == "older"


def test_a_copy_of_an_old_list_with_a_new_date_is_old_and_a_case_opened_again_on_a_certain_day_is_new():
    copied, reopened = Complaint(), Complaint()
    for complaint in (copied, reopened):
        complaint.show(ACCEPTED, DAY)
        complaint.show(CLOSED, DAY + timedelta(days=30))

    assert copied.show(ACCEPTED, DAY + timedelta(days=60), is_certain=False) == "older"
    assert reopened.show(ACCEPTED, DAY + timedelta(days=60)) == "new"


def test_a_complaint_unchanged_in_a_newer_list_is_newer_than_the_lists_between():
    complaint = Complaint()
    complaint.show(CLOSED, DAY)
    complaint.show(CLOSED, DAY + timedelta(days=60))

    assert complaint.show(report("closed", amount="5"), DAY + timedelta(days=30)) == "older"


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=6))
def test_in_any_order_and_however_often_the_newest_list_wins(order, again):
    contents = [report(amount=str(number)) for number in range(6)]
    complaint = Complaint()

    for number in (*order, *again):
        complaint.show(contents[number], DAY + timedelta(days=number))

    assert complaint.content == contents[5]


def test_remembered_contents_are_bounded():
    complaint = Complaint()
    for number in range(MAX_CONTENTS + 10):
        complaint.show(report(amount=str(number)), DAY + timedelta(days=number))

    assert len(complaint.listed.contents) == MAX_CONTENTS * 16


def test_rows_are_dated_by_the_day_of_the_file_and_rows_with_a_revision_are_not(tmp_path):
    path = tmp_path / "list.csv"
    path.touch()
    os.utime(path, (0, datetime(2026, 9, 30, 17, tzinfo=UTC).timestamp()))
    converter = RowConverter(mapping(), "s", create_list_dates(mapping(), path, ()))

    dated, numbered = (converter.to_report(Row(2, CELLS | more)) for more in ({}, {"版次": "3"}))

    assert dated.list_date == ListDate(datetime.fromisoformat("2026-10-01T00:00:00+08:00"), is_certain=False)
    assert (numbered.list_date, numbered.data.revision) == (None, 3)


def test_rows_are_dated_by_their_column_of_the_last_change(tmp_path):
    by_column = mapping(by="last_change", column="更新时间")
    converter = RowConverter(by_column, "s", create_list_dates(by_column, tmp_path, ()))

    dated, undated = (converter.to_report(Row(2, CELLS | {"更新时间": cell})) for cell in ("2026-10-3 9:30", ""))

    assert dated.list_date == ListDate(datetime.fromisoformat("2026-10-03T09:30:00+08:00"), is_certain=True)
    assert isinstance(undated, RefusedRow)
    assert [(finding.field, finding.code) for finding in undated.findings] == [("更新时间", "missing")]


def test_the_day_of_an_export_is_said_or_stands_above_the_list_or_in_the_name_of_the_file(tmp_path):
    by_day = mapping(by="export_day")
    path = tmp_path / "投诉清单_20261031.xlsx"

    def day_of(*arguments):
        return create_list_dates(by_day, *arguments).find_date({}).moment.date()

    assert day_of(path, (), date(2026, 11, 2)) == date(2026, 11, 2)
    assert day_of(path, ("台账", "导出时间：2026-11-01 08:00")) == date(2026, 11, 1)
    assert day_of(path, ("台账",)) == date(2026, 10, 31)
    with pytest.raises(FileUnreadable, match="--exported-on"):
        day_of(tmp_path / "list.csv", ())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("导出日期: 2026年10月1日", date(2026, 10, 1)),
        ("统计截至2026.9.30", date(2026, 9, 30)),
        ("2026年10月台账", None),
        ("统计时间：2026-10-01 至 2026-10-31 导出时间：2026-11-02", date(2026, 11, 2)),
        ("统计期间：2026年10月1日至2026年10月31日", date(2026, 10, 31)),
        ("下载时间：2026/11/1 08:00", date(2026, 11, 1)),
        ("Export Date: 2026-11-01", date(2026, 11, 1)),
        ("导出日期：二〇二六年十一月一日", date(2026, 11, 1)),
    ],
)
def test_words_above_a_list_name_the_day_of_its_export(text, day):
    assert find_export_day((text,), "list") == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("投诉清单20261031153000", date(2026, 10, 31)),
        ("投诉（2026.10.01-2026.10.31）", date(2026, 10, 31)),
        ("20261001-20261031投诉(1)", date(2026, 10, 31)),
        ("工单13900002026", None),
        ("export_1793430000000", None),
        ("投诉20261301", None),
    ],
)
def test_the_last_date_in_the_name_of_a_file_is_the_day_of_its_export(name, day):
    assert find_export_day((), name) == day


def test_the_day_of_an_export_may_stand_in_a_cell_of_its_own():
    assert find_export_day(("台账", "导出时间", "2026-11-01"), "list") == date(2026, 11, 1)


def test_an_order_by_last_change_needs_a_column_and_others_have_none():
    with pytest.raises(ValueError, match="`column` names the column"):
        RevisionOrder(by="last_change")
    with pytest.raises(ValueError, match="`column` names the column"):
        RevisionOrder(by="file_date", column="更新时间")
