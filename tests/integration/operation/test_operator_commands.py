"""Commands of daily operation in a pipe: whole lines, the bureau's time, no secrets, exit codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import orjson
import pytest

from shared.settings import Settings
from shared.stream.topics import ensure_topics
from tests.integration.operation import test_commands
from tests.integration.operation.test_databases import gongshi

INSERT = """
INSERT INTO intake.dead_letters (topic, part, at_offset, key, headers, value, reason, detail, recorded_at)
VALUES ('gongshi.reports', 0, $1, 'k', $2, $3, $4, '[{"field": "operator.name", "code": "missing", "message": "m"}]', $5)
RETURNING id
"""
HOTLINE = "/hotlines/12345/of-a-city-with-a-long-name/330100"
DESK = "/hotlines/12345/of-a-city-with-a-long-name/330100/night-desk"
OTHER = "/hotlines/12345/of-a-city-with-a-long-name/3301"


async def refused(settings: Settings, *, headers: list[list[str]], value: bytes, at: str, reason: str = "invalid") -> str:
    """Store a dead letter of intake; return its name."""
    refused.offset += 1  # type: ignore[attr-defined]
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        moment = datetime.fromisoformat(at)
        number = await connection.fetchval(
            INSERT,
            refused.offset,
            orjson.dumps(headers).decode(),
            value,
            reason,
            moment,  # type: ignore[attr-defined]
        )
    finally:
        await connection.close()
    return f"intake:{number}"


refused.offset = 0  # type: ignore[attr-defined]


def binary(source: str) -> list[list[str]]:
    return [["ce_source", source.encode().hex()]]


@pytest.fixture
async def names(settings: Settings) -> dict[str, str]:
    """Four dead letters: binary, structured, structured and cut off, and of another source."""
    cut_off = b'{"specversion": "1.0", "source": "' + HOTLINE.encode() + b'", "data": {"tit'
    return {
        "binary": await refused(settings, headers=binary(HOTLINE), value=b"{}", at="2026-10-31T15:59:00+00:00"),
        "structured": await refused(settings, headers=[], value=orjson.dumps({"source": DESK}), at="2026-10-31T16:00:00+00:00"),
        "cut off": await refused(settings, headers=[], value=cut_off, at="2026-11-02T01:00:00+00:00", reason="undecodable"),
        "other": await refused(settings, headers=binary(OTHER), value=b"{}", at="2026-11-03T01:00:00+00:00"),
    }


async def listed(settings: Settings, *options: str) -> list[dict[str, Any]]:
    code, output, messages = await gongshi(settings, "dead-letters", "list", "--format", "json", *options)
    assert code == 0, messages
    found: list[dict[str, Any]] = orjson.loads(output)
    return found


async def test_dead_letters_are_listed_newest_first(settings: Settings, names: dict[str, str]) -> None:
    found = await listed(settings)

    assert [each["name"] for each in found] == [names[key] for key in ("other", "cut off", "structured", "binary")]
    assert [each["source"] for each in found] == [OTHER, HOTLINE, DESK, HOTLINE]


async def test_dead_letters_are_selected_by_source_and_its_parts(settings: Settings, names: dict[str, str]) -> None:
    found = await listed(settings, "--source", HOTLINE)

    assert [each["name"] for each in found] == [names[key] for key in ("cut off", "structured", "binary")]
    assert [each["name"] for each in await listed(settings, "--source", HOTLINE, "--limit", "1")] == [names["cut off"]]


async def test_dead_letters_are_selected_by_day_in_the_bureaus_time_zone(settings: Settings, names: dict[str, str]) -> None:
    found = await listed(settings, "--since", "2026-11-01")

    assert [each["name"] for each in found] == [names[key] for key in ("other", "cut off", "structured")]


async def test_a_time_that_is_none_is_answered_with_the_formats(settings: Settings) -> None:
    code, _, messages = await gongshi(settings, "dead-letters", "list", "--since", "yesterday")

    assert code == 2
    assert "yesterday" in messages
    assert "%Y-%m-%d" in messages


async def test_a_table_in_a_pipe_is_as_wide_as_its_content(settings: Settings, names: dict[str, str]) -> None:
    code, output, _ = await gongshi(settings, "dead-letters", "list")

    assert code == 0
    assert "…" not in output
    rows = [line for line in output.splitlines() if names["structured"] in line]
    assert len(rows) == 1
    assert all(part in rows[0] for part in (DESK, "gongshi.reports/0@", "operator.name: missing", "2026-11-01 00:00"))
    assert "(Asia/Shanghai)" in output


async def test_a_replay_of_what_is_not_there_names_it_and_exits_with_1(settings: Settings, names: dict[str, str]) -> None:
    # The command knows no prefix.
    await ensure_topics(settings.model_copy(update={"topic_prefix": ""}))

    first = await gongshi(settings, "dead-letters", "replay", names["binary"], "intake:999999")
    again = await gongshi(settings, "dead-letters", "replay", names["binary"])

    assert (first[0], first[1]) == (1, "1 on their way\n")
    assert first[2].startswith(
        "gongshi: No such dead letter, replayed or superseded before, or too large to be kept whole: intake:999999. "
    )
    assert again[0] == 1
    assert names["binary"] in again[2]


@pytest.mark.parametrize("name", ["12", "intakes:1", "intake:one", "intake:99999999999999999999", "intake:1 or 2"])
async def test_a_name_that_is_none_is_named_without_a_traceback(settings: Settings, name: str) -> None:
    code, _, messages = await gongshi(settings, "dead-letters", "show", name)

    assert code == 1
    assert name in messages
    assert "Traceback" not in messages


async def test_a_new_source_comes_with_what_its_client_needs(settings: Settings) -> None:
    code, output, _ = await gongshi(settings, "sources", "add", "/hotlines/12345/330200", "--format", "json")

    added = orjson.loads(output.splitlines()[-1])
    assert code == 0
    assert added["source"] == "/hotlines/12345/330200"
    assert len(added["key"]) > 30
    assert added["kafka"]["bootstrap_servers"] == settings.kafka_bootstrap_servers


async def test_a_revoked_source_has_no_key_and_a_trace_in_the_journal(settings: Settings) -> None:
    await gongshi(settings, "sources", "add", "/hotlines/12345/330200")

    revoked = await gongshi(settings, "sources", "revoke", "/hotlines/12345/330200")
    again = await gongshi(settings, "sources", "revoke", "/hotlines/12345/330200")
    unknown = await gongshi(settings, "sources", "revoke", "/hotlines/0")

    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    keys = await connection.fetchval("SELECT count(*) FROM intake.source_keys WHERE expires_at IS NULL OR expires_at > now()")
    acts = await connection.fetch("SELECT action, subject FROM intake.journal ORDER BY seq")
    await connection.close()
    assert revoked[:2] == (0, "/hotlines/12345/330200: its key is void\n")
    assert again[:2] == (0, "/hotlines/12345/330200 has no key\n")
    assert unknown[0] == 1
    assert "no source /hotlines/0" in unknown[2]
    assert keys == 0
    assert [row["action"] for row in acts] == ["source_key_made", "source_key_revoked"]


async def test_a_key_is_changed_without_a_gap_and_each_can_be_voided(settings: Settings) -> None:
    name = "/hotlines/12345/330200"
    await gongshi(settings, "sources", "add", name)
    second = await gongshi(settings, "sources", "add", name, "--keep", "14", "--expires", "2099-12-31")

    async def fetch_keys() -> list[dict[str, Any]]:
        code, output, messages = await gongshi(settings, "sources", "keys", name, "--format", "json")
        assert code == 0, messages
        found: list[dict[str, Any]] = orjson.loads(output)
        return found

    new, old = await fetch_keys()
    voided = await gongshi(settings, "sources", "revoke", name, "--key", old["id"])
    again = await gongshi(settings, "sources", "revoke", name, "--key", old["id"])
    wrong = await gongshi(settings, "sources", "revoke", name, "--key", "%")
    table = await gongshi(settings, "sources", "keys", name)

    assert "holds for 14 days" in second[1]
    assert new["expires_at"].startswith("2099-12-30T16:00")
    assert (datetime.fromisoformat(old["expires_at"]) - datetime.fromisoformat(new["made_at"])).days == 14
    assert voided[1] == f"{name}: key {old['id']} is void\n"
    assert again[1] == f"{name} has no such key that holds\n"
    assert wrong[0] == 2
    assert [(each["id"], each["is_live"]) for each in await fetch_keys()] == [(new["id"], True), (old["id"], False)]
    assert "2099-12-31 00:00" in table[1]


async def test_times_are_the_bureaus_and_name_their_zone(settings: Settings) -> None:
    await gongshi(settings, "sources", "add", "/hotlines/12345/330200")
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    await connection.execute("UPDATE intake.sources SET registered_at = '2026-10-31T16:30:00+00:00'")
    await connection.close()

    _, output, _ = await gongshi(settings, "sources", "list")

    assert "2026-11-01 00:30" in output
    assert "first seen (Asia/Shanghai)" in output


async def test_status_shows_the_databases_password_only_when_asked(settings: Settings) -> None:
    password = settings.database_url.get_secret_value().partition("//")[2].partition("@")[0].partition(":")[2]

    plain = await test_commands.gongshi(settings, "status", "--format", "json")
    table = await test_commands.gongshi(settings, "status")
    secret = await test_commands.gongshi(settings, "status", "--format", "json", "--secrets")

    assert (plain[0], table[0], secret[0]) == (0, 0, 0), plain[2]
    assert password not in plain[1] + table[1]
    assert orjson.loads(secret[1])["database_url"] == settings.database_url.get_secret_value()
