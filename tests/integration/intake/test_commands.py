"""The commands `gongshi import`, `sources` and `dead-letters` as processes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest

from shared.keys import key_hash
from tests import commands
from tests.integration.intake.conftest import report
from tests.integration.probes import wait_until

ROOT = Path(__file__).parents[3]
CFPB = ROOT / "services" / "intake" / "mappings" / "cfpb.yaml"
HEADING = (
    "Complaint ID,Submitted via,Date submitted,Date received,State,Product,Sub-product,Issue,Sub-issue,"
    "Company public response,Company response to consumer,Timely response?"
)
PRODUCTS = ("Mortgage", "Credit reporting, credit repair services, or other personal consumer reports", "Debt collection")


@pytest.fixture
def gongshi(settings):
    """Run a command; return its standard output's lines, and its standard error."""

    async def run(*arguments, code=0):
        ended, output, messages = await commands.gongshi(commands.environment_of(settings), *arguments)
        assert ended == code, messages
        return output.splitlines(), messages

    return run


def bank_file(folder, rows=200):
    """A file in the shape of the public complaint database, with invented rows."""
    lines = [
        f'{9000 + number},Web,2021-10-24,20{18 + number % 4}-12-31,NY,"{PRODUCTS[number % 3]}",Loan,Late fee,,,Closed with '
        f"{('explanation', 'monetary relief')[number % 2]},Yes"
        for number in range(rows)
    ]
    path = folder / "bank.csv"
    path.write_text("\n".join((HEADING, *lines, "")), encoding="utf-8")
    return path


async def test_a_file_is_imported_once_and_a_dry_run_stores_nothing(gongshi, intake, tmp_path):
    file = bank_file(tmp_path)
    arguments = ("import", file, "--source", "cfpb", "--mapping", CFPB)

    dry_run, _ = await gongshi(*arguments, "--dry-run")
    assert await intake.complaints() == {}
    first, _ = await gongshi(*arguments)
    second, _ = await gongshi(*arguments)

    all_new = {"read": 200, "accepted": 200, "duplicates": 0, "refused": 0, "reasons": {}, "passed_over": {}}
    assert orjson.loads(dry_run[-1]) == orjson.loads(first[-1]) == all_new
    assert orjson.loads(second[-1]) == all_new | {"accepted": 0, "duplicates": 200}
    complaints = (await intake.complaints()).values()
    counts = Counter((c["category"], c["received_on"][:4]) for c in complaints)
    assert counts == Counter((PRODUCTS[n % 3], f"20{18 + n % 4}") for n in range(200))
    assert {c["outcome"] for c in complaints} == {"failed", "self_settled"}
    await wait_until("the outbox is empty", lambda: intake.database.fetchval("SELECT NOT EXISTS (SELECT FROM intake.outbox)"))


async def test_refused_rows_are_listed_by_row_and_column_and_their_neighbours_are_accepted(gongshi, intake, tmp_path):
    heading = "channel,external_id,kind,received_at,operator.name,title,status,complainant.id_number\n"
    rows = ("letter,1,complaint,2026-10-01,锦程,题,received,\n", "letter,2,complaint,2999-10-01,锦程,题,received,\n",
            "pigeon,3,complaint,2026-10-01,锦程,题,received,\n", "letter,4,complaint\n",
            "letter,5,complaint,2026-10-01,锦程,题,received,1.10105E+17\n")  # fmt: skip
    (tmp_path / "a.csv").write_text(heading + "".join(rows), encoding="gb18030")

    out, err = await gongshi("import", tmp_path / "a.csv", "--source", "/letters", "--refused", tmp_path / "r.csv", code=1)

    assert len((tmp_path / "r.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 4
    assert orjson.loads(out[-1]) == {
        "read": 5, "accepted": 1, "duplicates": 0, "refused": 4,
        "reasons": {"bad_row": 1, "in_future": 1, "lost_digits": 1, "unknown_value": 1},
        "passed_over": {},
    }  # fmt: skip
    assert "row 3, received_at: this lies in the future (in_future)" in err
    assert "row 4, channel: this is not one of the values allowed (unknown_value)" in err
    assert "row 6, complainant.id_number" in err
    assert (await intake.complaints()).keys() == {"1"}
    assert [(reason, findings) for reason, findings, _ in await intake.dead_letters()] == [
        ("invalid", [("received_at", "in_future")]),
        ("invalid", [("channel", "unknown_value")]),
        ("undecodable", [("", "bad_row")]),
        ("invalid", [("complainant.id_number", "lost_digits")]),
    ]


async def test_a_refused_row_is_a_dead_letter_with_its_bytes_that_is_corrected_and_replayed(gongshi, intake, tmp_path):
    heading = "channel,external_id,kind,received_at,operator.name,title,status\n"
    row = "letter,41,complaint,上星期三,锦程,题,received\n"
    (tmp_path / "a.csv").write_text(heading + row, encoding="gb18030")
    arguments = ("import", tmp_path / "a.csv", "--source", "/letters")

    await gongshi(*arguments, "--dry-run", code=1)
    assert await intake.dead_letters() == []
    await gongshi(*arguments, code=1)
    await gongshi(*arguments, code=1)

    ((letter, headers),) = await intake.database.fetch("SELECT id, headers FROM intake.dead_letters")
    assert bytes.fromhex(dict(orjson.loads(headers))["gongshi_row_bytes"]) == row.encode("gb18030")
    raw, _ = await gongshi("dead-letters", "show", f"intake:{letter}", "--raw")
    data = orjson.loads(raw[-1])
    assert (data["external_id"], data["received_at"], data["operator"]) == ("41", "上星期三", {"name": "锦程"})
    (tmp_path / "corrected.json").write_bytes(orjson.dumps(data | {"received_at": "2026-09-30T00:00:00+08:00"}))
    await gongshi("dead-letters", "replay", f"intake:{letter}", "--body", tmp_path / "corrected.json")
    await wait_until("the corrected row", lambda: has(intake, "41"))


async def test_the_next_list_of_the_same_complaints_revises_them_and_an_older_one_changes_nothing(gongshi, intake, tmp_path):
    heading = "channel,external_id,kind,received_at,operator.name,title,status,outcome,accepted_at,closed_at\n"
    known = "letter,{},complaint,2026-09-01,锦程,题,{}\n".format
    september = known(1, "received,,,") + known(2, "accepted,,2026-09-03,") + known(3, "received,,,")
    october = known(1, "closed,mediated,2026-09-02,2026-09-20") + known(2, "closed,failed,2026-09-03,2026-09-21")
    october += known(3, "received,,,") + known(4, "received,,,")
    counts = []

    for name, rows in (("september", september), ("october", october), ("september", september), ("october", october)):
        path = tmp_path / f"{name}.csv"
        path.write_text(heading + rows, encoding="utf-8")
        out, _ = await gongshi("import", path, "--source", "/letters")
        counts.append(tuple(orjson.loads(out[-1])[key] for key in ("accepted", "duplicates", "refused")))

    assert counts == [(3, 0, 0), (3, 1, 0), (0, 3, 0), (0, 4, 0)]
    complaints = await intake.complaints()
    assert {number: (each["status"], each["outcome"]) for number, each in complaints.items()} == {
        "1": ("closed", "mediated"), "2": ("closed", "failed"), "3": ("received", None), "4": ("received", None),
    }  # fmt: skip
    assert [complaints[number]["revision"] for number in "1234"] == [2, 2, 1, 1]


async def test_a_file_without_the_mapped_columns_is_refused_with_instructions(gongshi, settings, tmp_path):
    _, err = await gongshi("import", bank_file(tmp_path, 1), "--source", "cfpb", code=1)

    assert "the file has no column channel" in err
    assert "--mapping" in err
    assert "Traceback" not in err


async def test_the_key_of_a_source_is_shown_once_and_a_new_one_replaces_it(gongshi, intake):
    first, _ = await gongshi("sources", "add", "/hotlines/12315/330100")
    second, _ = await gongshi("sources", "add", "/hotlines/12315/330100")
    listed, _ = await gongshi("sources", "list", "--format", "json")

    assert "void" in second[0]
    live = await intake.database.fetch("SELECT key_hash FROM intake.source_keys WHERE expires_at IS NULL OR expires_at > now()")
    assert [row["key_hash"] for row in live] == [key_hash(second[-1])] != [key_hash(first[-1])]
    assert [(source["name"], source["keys"]) for source in orjson.loads(listed[-1])] == [("/hotlines/12315/330100", 1)]
    _, err = await gongshi("sources", "add", "no spaces", code=1)
    assert "up to 200 characters" in err


async def test_a_dead_letter_is_listed_corrected_and_replayed_once(gongshi, intake, tmp_path):
    await intake.send(orjson.dumps(report(7, status="lost")))
    await intake.wait_applied()
    listed, _ = await gongshi("dead-letters", "list", "--format", "json")
    (letter,) = orjson.loads(listed[-1])
    shown, _ = await gongshi("dead-letters", "show", letter["name"])
    raw, _ = await gongshi("dead-letters", "show", letter["name"], "--raw")
    (tmp_path / "mended.json").write_bytes(orjson.dumps(report(7)))

    await gongshi("dead-letters", "replay", letter["name"], "--body", tmp_path / "mended.json")

    assert (letter["reason"], letter["details"][0]["code"]) == ("invalid", "unknown_value")
    assert "手机" not in "".join(shown)
    assert orjson.loads(raw[-1]) == report(7, status="lost")
    await wait_until("the mended report", lambda: has(intake, "HZ-7"))
    assert orjson.loads((await gongshi("dead-letters", "list", "--format", "json"))[0][-1]) == []
    await gongshi("dead-letters", "replay", letter["name"], code=1)
    assert await intake.database.fetchval("SELECT count(*) FROM intake.journal WHERE action = 'dead_letter_replayed'") == 1


async def has(intake, external_id):
    return external_id in await intake.complaints()


async def test_a_refused_row_is_superseded_once_its_correction_is_accepted_and_is_not_replayed_over_it(
    gongshi, intake, tmp_path
):
    file = tmp_path / "reports.jsonl"
    source = "/letters/330100"
    file.write_bytes(orjson.dumps(report(1, status="lost")) + b"\n" + orjson.dumps(report(2, status="lost")))
    await gongshi("import", file, "--source", source, code=1)
    file.write_bytes(orjson.dumps(report(1)))

    await gongshi("import", file, "--source", source)

    waiting, _ = await gongshi("dead-letters", "list", "--format", "json")
    everything, _ = await gongshi("dead-letters", "list", "--format", "json", "--replayed")
    ids = {letter["name"]: letter["state"] for letter in orjson.loads("".join(everything))}
    assert sorted(ids.values()) == ["superseded", "waiting"]
    assert [letter["state"] for letter in orjson.loads("".join(waiting))] == ["waiting"]
    (superseded,) = [name for name, state in ids.items() if state == "superseded"]
    _, err = await gongshi("dead-letters", "replay", superseded, code=1)
    assert superseded in err
