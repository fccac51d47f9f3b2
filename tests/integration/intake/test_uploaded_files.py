"""Lists that clerks upload: previewed, checked, imported in the background, their refused rows mended and sent again."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import xlsxwriter

from services.intake.files.uploads import KEPT, MAX_LIST
from tests.integration.intake.conftest import sign_in
from tests.integration.probes import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = "/intake/desk/files"
HEADINGS = ["external_id", "channel", "kind", "received_at", "operator.name", "status", "title", "complainant.phone"]
SOURCE, SHOP, PHONE = "/letters/990100", "云州锦程商贸有限公司", "13800138000"


def workbook(rows):
    """A workbook of the mapping `gongshi` with rows of (number, received_at)."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for at, (number, received_at) in enumerate(rows, 1):
            sheet.write_row(at, 0, [number, "letter", "complaint", received_at, SHOP, "received", "手机不退", PHONE])
    return content.getvalue()


async def upload(desk, content, name="来信.xlsx", mapping="gongshi"):
    response = await desk.post(PAGE, data={"mapping": mapping}, files={"file": (name, content)})
    return response.headers["location"]


async def act(desk, address, act, **fields):
    return await desk.post(address, data={"act": act, "mapping": "gongshi", "source": SOURCE, **fields})


async def wait_done(desk, address):
    async def is_done() -> bool:
        return "http-equiv" not in (await desk.get(address)).text

    await wait_until("the list is read", is_done)
    return (await desk.get(address)).text


def counts(page):
    """The numbers of the result, by their words."""
    text = re.sub(r"<[^>]+>", "", page.replace("</dt><dd>", "=").replace("</dd>", ";"))
    return {word: int(number.replace(",", "")) for word, number in re.findall(r"([^;=\s]+)=(\d[\d,]*)\s*行", text)}


async def test_a_list_is_previewed_checked_imported_and_its_refused_row_mended(intake, desk):
    address = await upload(desk, workbook([("L1", "2026-09-01"), ("L2", "neulich")]))

    preview = (await desk.get(address)).text
    assert "可以接收" in preview
    assert "日期或时间格式不对" in preview
    assert PHONE not in preview
    assert await intake.complaints() == {}

    await act(desk, address, "check")
    checked = await wait_done(desk, address)
    assert (counts(checked)["可以接收"], counts(checked)["拒收"]) == (1, 1)
    assert await intake.complaints() == {}

    await act(desk, address, "import")
    imported = await wait_done(desk, address)
    assert (counts(imported)["接收"], counts(imported)["拒收"]) == (1, 1)
    assert set(await intake.complaints()) == {"L1"}
    assert (await act(desk, address, "import")).headers["location"].endswith("fault=gone")

    refused = await desk.get(f"{address}/refused")
    assert "日期或时间格式不对" in refused.text
    again = await upload(desk, refused.content.replace(b"neulich", b"2026-09-02"), "refused.csv")
    await act(desk, again, "import")
    assert counts(await wait_done(desk, again))["接收"] == 1
    assert set(await intake.complaints()) == {"L1", "L2"}

    entries = await intake.database.fetch("SELECT actor, action FROM intake.journal WHERE action LIKE 'file_%' ORDER BY seq")
    assert [tuple(row) for row in entries] == [("chen", "file_uploaded"), ("chen", "file_imported")] * 2


async def test_a_list_is_stored_for_its_owner_only_and_nothing_of_it_after_a_week(intake, desk):
    content = workbook([("L1", "2026-09-01")])
    address = await upload(desk, content, "../../来信.xlsx")
    store = intake.app.state.uploads.store
    found = store.find(address.rpartition("/")[2])
    path = store.list_of(found)

    assert path.read_bytes() == content
    assert [folder.stat().st_mode & 0o077 for folder in (path.parent, path.parent.parent)] == [0, 0]
    assert path.name == "来信.xlsx"

    store.sweep(found.at + KEPT)
    assert path.is_file()
    store.sweep(found.at + KEPT + timedelta(seconds=1))
    assert not path.exists()
    assert (await desk.get(address)).status_code == 404


async def test_what_is_no_list_says_so_and_a_mapping_is_drafted_and_corrected_on_the_page(empty_desk):
    await sign_in(empty_desk, "chen")
    assert (await empty_desk.post(PAGE, files={"file": ("", b"")})).headers["location"] == f"{PAGE}?fault=none"
    nothing = await upload(empty_desk, b"%PDF-1.7 x", "list.pdf", "guess")
    assert "PDF文档" in (await empty_desk.get(nothing)).text

    drafted = await upload(empty_desk, "编号,收到时间,经营者\nA1,2026-09-01,某店\n".encode(), "a.csv", "guess")
    page = (await empty_desk.get(drafted)).text
    assert "external_id: 编号" in page
    await act(empty_desk, drafted, "save", mapping="own", own="columns: [")
    assert "对应表mapping.yaml有误" in (await empty_desk.get(drafted)).text
    assert (await act(empty_desk, drafted, "import", source="a b")).headers["location"].endswith("fault=source")
    own = (
        "columns: {external_id: 编号, received_at: 收到时间, operator.name: 经营者}\n"
        "constants: {channel: letter, kind: complaint, status: received, title: 来信}\n"
    )
    await act(empty_desk, drafted, "save", mapping="own", own=own)
    assert "可以接收" in (await empty_desk.get(drafted)).text
    assert (await act(empty_desk, drafted, "delete")).headers["location"] == PAGE
    assert (await empty_desk.get(drafted)).status_code == 404


async def test_a_list_beyond_the_bound_is_refused_and_leaves_nothing(empty_intake, empty_desk):
    await sign_in(empty_desk, "chen")
    before = empty_intake.app.state.uploads.store.list_all()

    response = await empty_desk.post(PAGE, files={"file": ("a.csv", b"x" * (MAX_LIST + 1))})

    assert response.headers["location"] == f"{PAGE}?fault=large"
    assert empty_intake.app.state.uploads.store.list_all() == before
