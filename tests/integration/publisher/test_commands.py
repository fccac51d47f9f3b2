"""`gongshi draft-month` and `gongshi screens` against a real database."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from typer.testing import CliRunner

from deploy.cli.commands import app
from services.publisher.store import screens
from shared.clock import now
from shared.keys import key_hash
from shared.settings import Settings
from tests.integration.publisher.events import figure, month_closed

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def gongshi(database, monkeypatch):
    """Run the command against the test's database; the output of a failure is its error."""
    monkeypatch.setenv("DATABASE_URL", database.database_url.get_secret_value())
    monkeypatch.setenv("GONGSHI_HOME", str(database.home))
    return lambda *words: asyncio.to_thread(CliRunner().invoke, app, words)


async def test_a_month_is_drafted_on_demand_and_once(desk, gongshi):
    await desk.apply(figure(0, 12), figure(1, 5))
    early = await gongshi("draft-month", "2026-09")
    # A figure is missing, so that the month is not drafted by itself.
    await desk.apply(month_closed(3, 20))

    first = await gongshi("draft-month", "2026-09")
    again = await gongshi("draft-month", "2026-09")

    assert "no closed figures" in str(early.exception)
    assert "2 versions drafted" in first.output
    assert "0 versions drafted" in again.output
    assert len(await desk.open_versions()) == 2


async def test_a_month_that_is_none_is_refused(gongshi):
    result = await gongshi("draft-month", "2026-13")

    assert "A month is like 2026-10" in str(result.exception)


async def test_other_rules_tell_what_would_have_become_of_items_and_change_nothing(desk, gongshi, tmp_path, monkeypatch):
    await desk.close_month(12, 5)
    await desk.review_and_release()
    shipped = Settings().rules.read_text(encoding="utf-8")
    basic = "{term_months: 6, reviewers: 2, citation: 某办发〔2027〕1号}"
    next_version = f"""
  - version: "2027-01-01"
    effective_from: 2027-01-01
    citation: 某办发〔2027〕1号
    boards:
      basic: {basic}
"""
    (tmp_path / "rules.yaml").write_text(shipped + next_version, encoding="utf-8")
    monkeypatch.setenv("GONGSHI_RULES", str(tmp_path / "rules.yaml"))
    before = await desk.owner.fetch("SELECT * FROM publisher.versions")

    same = await gongshi("rules", "replay", "--under", desk.bureau.rules(now()).version)
    other = await gongshi("rules", "replay", "--under", "2027-01-01", "--since", "2026-01-01")
    later = await gongshi("rules", "replay", "--under", "2027-01-01", "--since", "2099-01-01")
    unknown = await gongshi("rules", "replay", "--under", "1999")

    assert json.loads(same.stdout.splitlines()[-1])["differ"] == 0
    assert json.loads(other.stdout.splitlines()[-1]) == {
        "under": "2027-01-01",
        "items": 2,
        "differ": 2,
        "by_rule": {"boards.basic.reviewers": 2, "boards.basic.term_months": 2},
    }
    assert json.loads(later.stdout.splitlines()[-1])["items"] == 0
    assert "lacks version 1999" in str(unknown.exception)
    assert await desk.owner.fetch("SELECT * FROM publisher.versions") == before


async def test_screens_are_registered_and_listed(desk, gongshi):
    added = await gongshi("screens", "add", "mall-1", "--name", "云湖天地购物中心", "--region", "990102")
    listed = await gongshi("screens", "list")

    assert added.exit_code == 0, added.output
    assert "云湖天地购物中心" in listed.output
    assert "never heard" in listed.output


async def test_the_secret_of_a_screen_is_printed_once_and_void_with_the_next(desk, gongshi):
    added = await gongshi("screens", "add", "mall-1", "--name", "云湖天地购物中心")
    again = await gongshi("screens", "add", "mall-1", "--name", "云湖天地")
    secret = re.search(r"/screens/mall-1/pair/(\S+)", added.output)[1]
    first = await fetch_screen(desk, "mall-1")
    rotated = await gongshi("screens", "rotate", "mall-1")
    second = await fetch_screen(desk, "mall-1")

    assert "/pair/" not in again.output
    assert first.secret_hash == key_hash(secret)
    assert second.secret_hash == key_hash(re.search(r"/screens/mall-1/key/(\S+)", rotated.output)[1])
    assert second.secret_hash != first.secret_hash


async def test_a_screen_is_paired_by_its_code_and_removed(desk, gongshi):
    await gongshi("screens", "add", "mall-1", "--name", "云湖天地购物中心")
    await gongshi("screens", "add", "shown", "--name", "大厅", "--open")
    paired = await gongshi("screens", "pair", "mall-1", "k7qm 2zpa")
    waiting = await fetch_screen(desk, "mall-1")
    wrong = await gongshi("screens", "pair", "mall-1", "K7QM")
    opened = await gongshi("screens", "pair", "shown", "K7QM-2ZPA")
    removed = await gongshi("screens", "remove", "mall-1")

    assert (paired.exit_code, waiting.pairing_code) == (0, "K7QM-2ZPA")
    assert "such as K7QM-2ZPA" in str(wrong.exception)
    assert "There is no screen shown that has a secret" in str(opened.exception)
    assert removed.exit_code == 0
    assert await fetch_screen(desk, "mall-1") is None


async def fetch_screen(desk, screen_id):
    async with desk.database.snapshot() as connection:
        return await screens.fetch_screen(connection, screen_id)


async def test_a_screen_shows_chinese_unless_it_is_registered_in_another_language(desk, gongshi):
    await gongshi("screens", "add", "mall-1", "--name", "云湖天地购物中心")
    english = await gongshi("screens", "add", "airport", "--name", "云州国际机场", "--language", "en")
    other = await gongshi("screens", "add", "hall", "--name", "大厅", "--language", "fr")

    assert english.exit_code == 0, english.output
    assert other.exit_code != 0
    async with desk.database.snapshot() as connection:
        registered = {screen.screen_id: screen.language for screen, _ in await screens.fetch_screens(connection)}
    assert registered == {"mall-1": "zh", "airport": "en"}
