"""The search finds what differs by width, brackets, invisible characters, spaces and case only."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import pytest_asyncio

from services.publisher.domain.pinyin import read_name
from services.publisher.store import operators, search
from tests.integration.conftest import fresh_system
from tests.integration.probes import wait_until
from tests.integration.publisher.events import city, figure, month_closed, uscc
from tests.integration.publisher.running_publisher import HTML, run_publisher

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "云州ＡＢＣ数码（北京路）有限公司"
FORMS = ("云州ABC数码(北京路)", "云州abc数码（北京路）", "云州ａｂｃ 数码", "ABC\u200b数码", "abc数码〔北京路〕")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def published(engines, template, tmp_path_factory):
    """A month with an operator whose name is written in full width."""
    home = tmp_path_factory.mktemp("search")
    async with fresh_system(engines, template, home) as settings, run_publisher(settings) as publisher:
        await publish(publisher)
        yield publisher


async def publish(publisher):
    first = figure(0, 12)
    wide = first.model_copy(update={"operator": first.operator.model_copy(update={"name": NAME})})
    await publisher.produce(wide, figure(1, 5), city(17), month_closed(2, 17))
    await publisher.release_all()


async def codes_found(publisher, q):
    answer = await publisher.json(f"/api/search?q={quote(q)}")
    return [operator["uscc"] for operator in answer["operators"]]


async def test_every_form_of_a_name_finds_its_operator_and_its_items(published):
    for form in FORMS:
        assert await codes_found(published, form) == [uscc(0)], form
        page = (await published.public.get(f"/search?q={quote(form)}", headers=HTML)).text
        assert f"/operators/{uscc(0)}" in page, form
        board = (await published.public.get(f"/boards/basic?q={quote(form)}", headers=HTML)).text
        assert uscc(0) in board, form
        assert uscc(1) not in board, form


async def test_a_code_is_found_in_any_width_and_case(published):
    wide = "".join(chr(ord(character) + 0xFEE0) for character in uscc(0))
    for form in (wide, uscc(0).lower(), f"\u200b{uscc(0)}"):
        assert await codes_found(published, form) == [uscc(0)], form


async def test_of_several_words_each_is_folded(published):
    page = (await published.public.get(f"/search?q={quote('ａｂｃ数码 无此词')}", headers=HTML)).text

    assert f"/operators/{uscc(0)}" in page


@pytest.mark.parametrize("q", ["%%", "__", "\\\\", "。。", "（）"])
async def test_wildcards_and_marks_find_nothing_of_their_own(published, q):
    assert await codes_found(published, q) == []


async def test_rows_that_are_older_than_the_search_forms_are_filled_at_the_start(published):
    async with published.database.unit_of_work() as uow:
        await uow.connection.execute("UPDATE publisher.public_operators SET search_name = NULL, search_readings = NULL")
        await uow.connection.execute("UPDATE publisher.public_items SET search_words = NULL")
    assert await codes_found(published, FORMS[0]) == []

    async with published.database.unit_of_work() as uow:
        filled = (await search.fill_operators(uow.connection), await search.fill_items(uow.connection))
        again = (await search.fill_operators(uow.connection), await search.fill_items(uow.connection))

    assert (filled, again) == ((2, 2), (0, 0))
    assert await wait_until("the operator", lambda: codes_found(published, FORMS[0])) == [uscc(0)]


@pytest.mark.parametrize(
    "q",
    ["yunzhou mumian", "YunZhou MuMian", "yzmmfs", "mumianfushi", "木棉复试", "云洲木绵", "mumianfushu"],
    ids=["pinyin", "capitals", "initials", "in one", "other characters of the sound", "two misspelt", "a letter misspelt"],
)
async def test_an_operator_is_found_by_how_its_name_sounds(month, q):
    assert uscc(1) in await codes_found(month, q)
    assert f"/operators/{uscc(1)}" in (await month.public.get(f"/search?q={quote(q)}", headers=HTML)).text


@pytest.mark.parametrize("q", ["qq", "zzzzzz", "xyzxyz", "饕餮"])
async def test_what_sounds_otherwise_is_not_found(month, q):
    assert await codes_found(month, q) == []


async def test_an_operator_is_found_by_the_name_that_it_was_published_under_before(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    renamed = figure(0, 9, month="2026-10")
    renamed = renamed.model_copy(update={"operator": renamed.operator.model_copy(update={"name": "云州新程商贸有限公司"})})
    await desk.apply(renamed)
    await desk.apply(month_closed(1, 9, "2026-10"))
    await desk.review_and_release()

    async with desk.database.snapshot() as connection:
        for q in ("锦程通讯", "jinchengtongxun", "新程商贸", "yzxcsm"):
            assert [each.name for each in await operators.search_operators(connection, q, None, 5)] == [
                "云州新程商贸有限公司"
            ], q
        assert await operators.fetch_former_names(connection, [uscc(0)]) == {uscc(0): ["云州锦程通讯器材有限公司"]}


async def test_each_way_to_find_an_operator_has_an_index(desk):
    await desk.owner.execute("SET enable_seqscan = off")

    async def plan(statement, *arguments):
        return "\n".join(row[0] for row in await desk.owner.fetch(f"EXPLAIN {statement}", *arguments))

    exact = await plan(operators.SEARCH_OPERATORS, "云州悦动", "%云州悦动%", "%yunzhouyuedong%", None, 20)
    similar = await plan(operators.SEARCH_SIMILAR, "云州悦动", "yunzhouyuedong", None, 20)
    assert exact.count("Bitmap Index Scan on public_operators_search_readings") == 2, exact
    assert "public_operators_search_name" in exact
    assert "public_operators_search_readings" in similar


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("单县老王琴行", "shanxianlaowangqinhang", "sxlwqh"),
        ("什邡解记商行", "shifangxiejishanghang", "sfxjsh"),
        ("重庆（湖东）ABC数码2店", "chongqinghudongabcshuma2dian", "cqhdasm2d"),
        ("云州银行", "yunzhouyinhang", "yzyh"),
    ],
)
async def test_names_are_read_as_their_places_and_trades_are(name, pinyin, initials):
    assert read_name(name) == (pinyin, initials)
