"""Reports from released figures: drafted, worded, locked to their figures, marked when one moves, released through the gate."""

from __future__ import annotations

import io
import re

import asyncpg
import pytest
from pypdf import PdfReader

from services.publisher import desk_drafts, reporting
from services.publisher.desk_drafts import FieldsDisagree, NaturalKeyTaken, NothingChanged
from services.publisher.domain.report_figures import Block, ReportKind
from services.publisher.kinds import KINDS
from services.publisher.kinds.report_fields import FIGURES, read_figures
from services.publisher.report_figures import ReportRefused, ReportRequest
from services.publisher.store.small_cells import fetch_hidden_cells
from shared.contracts import FigureChanged, SubjectKind
from tests.integration.probes import wait_until
from tests.integration.publisher.events import AT, MONTH, figure, measures, month_closed, uscc
from tests.integration.publisher.running_publisher import HTML

pytestmark = pytest.mark.asyncio(loop_scope="session")

KIND = KINDS["analysis_report"]
MONTHLY = ReportRequest(ReportKind.MONTH, MONTH)


def of_city(complaints, subject_kind="all", subject="all", *, period=MONTH, version=1, was=None):
    return FigureChanged(
        subject_kind=subject_kind, subject=subject, period_kind="month", period=period, version=version,
        figures=measures(complaints), as_of=AT, restated=was is not None, restated_from=None if was is None else measures(was),
    )  # fmt: skip


async def draft(desk, request=MONTHLY, person="bao"):
    async with desk.database.unit_of_work() as uow:
        return await reporting.draft(uow, desk.bureau, person, request)


async def hear(desk):
    """A closed month with figures of the city, two districts and two categories."""
    await desk.apply(figure(0, 60), figure(1, 40))
    await desk.apply(
        of_city(100), of_city(70, "region", "990102"), of_city(30, "region", "990103"), of_city(55, "category", "contract.refund"),
        of_city(45, "category", "quality"), of_city(80, period="2026-08"),
    )  # fmt: skip
    await desk.apply(month_closed(2, 100))


async def open_report(desk):
    (row,) = await desk.open_versions("analysis")
    return row


async def test_a_count_that_was_small_between_two_restatements_stays_hidden(desk):
    for version, complaints in enumerate([10, 3, 12, 15], 1):
        was = None if version == 1 else [10, 3, 12][version - 2]
        await desk.apply(of_city(complaints, "region", "990102", version=version, was=was))
    await desk.apply(of_city(9, "region", "990103"), of_city(30, "region", "990104"))

    async with desk.database.snapshot() as connection:
        hidden = await fetch_hidden_cells(connection, SubjectKind.REGION, [MONTH], 5)

    assert hidden.within([MONTH]) == {"990102", "990103"}


async def test_a_month_is_reported_against_the_one_before_and_goes_through_the_gate(desk):
    await hear(desk)
    report = await draft(desk)

    content = report.form.content
    assert report.form.title == "2026年9月消费投诉分析"
    assert content["overview"].startswith("2026年9月，收到全市消费投诉100件，比2026年8月的80件增加20件，增长25.0%。")
    assert content["by_region"].startswith("从地区看，投诉较多的是：湖东区70件，占70.0%")
    assert "合同与退款55件，占55.0%" in content["concentrated"]
    (item,) = await desk.review_and_release("analysis")
    assert (item.item_id, item.kind, read_figures(item.content).total.now.complaints) == (
        report.item_id,
        "analysis_report",
        100,
    )


async def test_a_month_that_is_open_or_has_no_figures_is_not_reported(desk):
    with pytest.raises(ReportRefused) as refused:
        await draft(desk)
    assert refused.value.code == "not_closed"
    await desk.apply(month_closed(0, 0))
    with pytest.raises(ReportRefused) as refused:
        await draft(desk)
    assert refused.value.code == "no_data"
    assert await desk.open_versions("analysis") == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ReportRequest(ReportKind.QUARTER, "2026-09"), "other_period"),
        (ReportRequest(ReportKind.MONTH, "2026-13"), "no_period"),
        (ReportRequest(ReportKind.INDUSTRY, "2026-09", "F9999"), "no_industry"),
        (ReportRequest(ReportKind.OPERATOR, "2026-09", "91990102MA9K08RC3X"), "no_operator"),
        (ReportRequest(ReportKind.SPECIAL, "2026-09", " "), "no_subject"),
    ],
)
async def test_what_cannot_be_reported_is_told_by_a_code(desk, request_, code):
    with pytest.raises(ReportRefused) as refused:
        await draft(desk, request_)
    assert refused.value.code == code


async def test_small_counts_and_what_they_follow_from_are_in_no_report(desk):
    await hear(desk)
    await desk.apply(
        of_city(67, "region", "990102", version=2), of_city(3, "region", "990104"), of_city(97, "industry", "F5273"),
        of_city(3, "industry", "H6210"), of_city(4, "category", "price.extra"), of_city(41, "category", "quality", version=2),
    )  # fmt: skip

    content = read_figures((await draft(desk)).form.content)
    with pytest.raises(ReportRefused) as refused:
        await draft(desk, ReportRequest(ReportKind.INDUSTRY, MONTH, "H6210"))

    rows = {name: [row.subject for row in getattr(content, name)] for name in ("regions", "industries", "categories")}
    assert rows == {"regions": ["990102"], "industries": [], "categories": ["contract"]}
    assert refused.value.code == "small_cell"


async def test_a_report_is_drafted_once(desk):
    await hear(desk)
    await draft(desk)
    with pytest.raises(NaturalKeyTaken):
        await draft(desk)


async def test_the_words_are_the_offices_and_the_numbers_those_of_the_figures(desk):
    await hear(desk)
    report = await draft(desk)
    (seen,) = await desk.seen("analysis")
    worded = report.form.model_copy(
        update={"content": {**report.form.content, "overview": "9月共收到投诉100件。", FIGURES: None}}
    )
    invented = report.form.model_copy(update={"content": {**report.form.content, "overview": "9月共收到投诉101件。"}})

    async with desk.database.unit_of_work() as uow:
        with pytest.raises(FieldsDisagree) as disagreement:
            await desk_drafts.edit(uow, desk.bureau, "bao", seen, KIND, invented)
    assert set(disagreement.value.faults) == {"overview"}
    async with desk.database.unit_of_work() as uow:
        await desk_drafts.edit(uow, desk.bureau, "bao", seen, KIND, worded)
    (item,) = await desk.review_and_release("analysis")
    assert item.content["overview"] == "9月共收到投诉100件。"
    assert read_figures(item.content).total.now.complaints == 100


async def test_a_restated_figure_marks_its_block_and_no_version_with_the_old_one_is_released(desk):
    await hear(desk)
    report = await draft(desk)
    await desk.review(await desk.seen("analysis"))
    await desk.apply(of_city(56, "category", "contract.refund", version=2, was=55))

    row = await open_report(desk)
    assert row["failing"] == 1
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.release(await desk.seen("analysis"))
    # The figure goes back to what it was: nothing is marked any more.
    await desk.apply(of_city(55, "category", "contract.refund", version=3, was=56))
    assert (await open_report(desk))["failing"] == 0
    (item,) = await desk.release(await desk.seen("analysis"))
    assert item.item_id == report.item_id


async def test_only_the_marked_blocks_are_drafted_anew(desk):
    await hear(desk)
    report = await draft(desk)
    (seen,) = await desk.seen("analysis")
    worded = report.form.model_copy(update={"content": {**report.form.content, "overview": "9月共收到投诉100件。"}})
    async with desk.database.unit_of_work() as uow:
        await desk_drafts.edit(uow, desk.bureau, "bao", seen, KIND, worded)
    await desk.apply(of_city(56, "category", "contract.refund", version=2, was=55))
    (seen,) = await desk.seen("analysis")
    again = worded.model_copy(update={"content": {**worded.content, "advice": "请保留凭证。"}})
    async with desk.database.unit_of_work() as uow:
        await desk_drafts.edit(uow, desk.bureau, "bao", seen, KIND, again)
    assert (await open_report(desk))["failing"] == 1, "editing other words does not take the mark away"

    (seen,) = await desk.seen("analysis")
    async with desk.database.unit_of_work() as uow:
        assert await reporting.redraft(uow, desk.bureau, "bao", seen) == (Block.CONCENTRATED,)
    (item,) = await desk.review_and_release("analysis")
    assert item.content["overview"] == "9月共收到投诉100件。"
    assert "合同与退款56件" in item.content["concentrated"]


async def test_a_public_report_is_corrected_with_the_figures_of_now(desk):
    await hear(desk)
    report = await draft(desk)
    await desk.review_and_release("analysis")
    async with desk.database.unit_of_work() as uow:
        with pytest.raises(NothingChanged):
            await reporting.restate(uow, desk.bureau, "bao", report.item_id, 1)
    await desk.apply(of_city(71, "region", "990102", version=2, was=70))

    async with desk.database.unit_of_work() as uow:
        assert await reporting.restate(uow, desk.bureau, "bao", report.item_id, 1) == (Block.REGIONS,)
    (item,) = await desk.review_and_release("analysis")
    assert (item.version, item.state, item.reason_code) == (2, "corrected", "S01")
    assert "湖东区71件" in item.content["by_region"]


async def test_an_operator_is_reported_by_what_is_public_of_it(desk):
    await hear(desk)
    request = ReportRequest(ReportKind.OPERATOR, MONTH, uscc(0))
    with pytest.raises(ReportRefused) as refused:
        await draft(desk, request)
    assert refused.value.code == "no_data"

    await desk.review_and_release()
    report = await draft(desk, request)
    assert report.form.title == "2026年9月云州锦程通讯器材有限公司消费投诉分析"
    assert "涉及云州锦程通讯器材有限公司的消费投诉60件" in report.form.content["overview"]
    city = await draft(desk)
    assert "在30件以上的经营者有2户" in city.form.content["concentrated"]


async def test_figures_that_are_still_arriving_are_not_reported(desk):
    await hear(desk)
    await desk.apply(month_closed(2, 100, "2026-07"), month_closed(2, 80, "2026-08"))
    quarter = FigureChanged(
        subject_kind="all", subject="all", period_kind="quarter", period="2026-Q3", version=1, figures=measures(200), as_of=AT
    )
    await desk.apply(quarter)
    with pytest.raises(ReportRefused) as refused:
        await draft(desk, ReportRequest(ReportKind.QUARTER, "2026-Q3"))
    assert refused.value.code == "incomplete"


async def has_figures(publisher, count):
    """Whether so many figures that are not of operators are here: each comes by a partition of its own."""
    async with publisher.database.snapshot() as connection:
        found = await connection.fetchval("SELECT count(*) FROM publisher.figures WHERE subject_kind <> 'operator'")
        return found == count


async def test_the_desks_button_drafts_a_report_whose_page_has_its_tables_and_charts(released):
    await released.produce(
        of_city(102, version=9), of_city(60, "region", "990102"), of_city(30, "region", "990103"), of_city(3, "region", "990104"),
        of_city(9, "region", "990105"), of_city(70, "category", "contract"), of_city(32, "category", "quality"),
        of_city(80, period="2026-08"),
    )  # fmt: skip
    async with released.person("bao") as drafter:
        assert "/desk/reports/new" in (await drafter.get("/desk/drafts")).text
        refused = await drafter.post("/desk/reports/new", data={"kind": "quarter", "period": "2026-09"})
        assert (refused.status_code, "时段与报告类别不符" in refused.text) == (422, True)

        await wait_until("the figures of the city", lambda: has_figures(released, 8))
        page = await drafter.post("/desk/reports/new", data={"kind": "month", "period": "2026-09"})
        assert str(page.url).endswith("/edit")
        assert "收到全市消费投诉102件" in page.text
        item_id = str(page.url).split("/")[-2]
        form = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', page.text)) | {"report_kind": "period"}
        texts = dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', page.text))
        overview = f"{texts['overview']}\n另有9999件。"
        refused = await drafter.post(f"/desk/items/{item_id}/edit", data={**form, **texts, "overview": overview})
        assert (refused.status_code, "统计数据里没有这些数：9,999" in refused.text) == (409, True)
        assert (await drafter.post("/desk/reports/new", data={"kind": "month", "period": "2026-09"})).status_code == 409
    await released.release_all()

    page = (await released.public.get(f"/items/{item_id}", headers=HTML)).text
    assert all(words in page for words in ("总体情况", "湖东区", "<svg", "调解成功率", "2026年8月"))
    front = (await released.public.get("/", headers=HTML)).text
    assert ("60件" in front, "9件" in front, "为了不能推算出来" in front) == (True, False, True)
    for code, is_shown in (("990102", True), ("990104", False), ("990105", False)):
        region = (await released.public.get(f"/regions/{code}", headers=HTML)).text
        assert ("收到投诉" in region, "未列出的月份" in region) == (is_shown, not is_shown)
    answer = await released.public.get(f"/items/{item_id}.pdf")
    assert (answer.status_code, answer.headers["content-type"], answer.headers["content-language"]) == (
        200, "application/pdf", "zh-Hans",
    )  # fmt: skip
    assert "收到全市消费投诉102件" in "".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
    basic = (await released.items())[0]["item_id"]
    assert [(await released.public.get(f"/items/{each}.pdf")).status_code for each in (basic, "GS-2026-999999")] == [404, 404]
    await released.produce(of_city(61, "region", "990102", version=2, was=60))
    await wait_until("the notice", lambda: released.fetch_containing(released.public, f"/items/{item_id}", "引用的数字已重算"))
