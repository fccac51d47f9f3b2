"""Seals on real engines: from the journals to the topic, the file and the open data, and what they find."""

from __future__ import annotations

from datetime import date, timedelta

import asyncpg
import orjson
import pytest

from deploy.journals import check_journal_of, read_seals
from deploy.sealing import SealJob, SealPaths
from services.publisher.web.seals import PATH
from shared.accounts import Role, add_person
from shared.contracts import FiguresVerified, JournalSealed
from shared.seals import verify_signature
from shared.seals.merkle import is_consistent, is_included
from shared.seals.sealer import JournalContradictsSeal
from shared.stream import JournalEntry
from tests.integration.probes import wait_until
from tests.integration.publisher.running_publisher import HTML, SITE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def write_entries(database, *subjects):
    async with database.unit_of_work() as uow:
        for subject in subjects:
            uow.journal(JournalEntry("zhou", "tried", subject))


async def faults(settings):
    """What verification finds: faults of the seals, then of the publisher's journal."""
    seals = await read_seals(settings)
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        async with connection.transaction(readonly=True):
            return seals.faults + (await check_journal_of(connection, "publisher", seals)).faults
    finally:
        await connection.close()


async def published(publisher, count):
    lines = (await publisher.public.get(PATH)).text.splitlines()
    return [JournalSealed.model_validate_json(line) for line in lines] if len(lines) == count else None


async def test_journals_are_sealed_published_and_proved_and_a_cut_or_rewritten_one_is_found(publisher):
    settings, job = publisher.settings, SealJob(publisher.settings)
    await write_entries(publisher.database, "a", "b", "c")
    first = await job.seal()
    assert first is not None
    assert await job.seal() is None, "nothing is new"
    await write_entries(publisher.database, "d", "e")
    # Another process with the same key goes on from the file, and the first one after it.
    second = await SealJob(settings).seal(force=True)
    third = await job.seal(force=True)
    assert [seal.number for seal in (first, second, third)] == [1, 2, 3]

    copies = await wait_until("the seals in the open data", lambda: published(publisher, 3))
    assert copies == [first, second, third]
    for seal in copies:
        verify_signature(seal, *SealPaths.of(settings).read_trusted_keys())
    assert await faults(settings) == []

    await tell_recounts(publisher, second, third)
    await prove(publisher, *(next(h for h in s.journals if h.journal == "publisher") for s in (first, third)))

    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    # The sign-ins above are entries too, which no seal has yet.
    await owner.execute("DELETE FROM publisher.journal WHERE seq > 5")
    last = await owner.fetchrow(
        "DELETE FROM publisher.journal WHERE seq = (SELECT max(seq) FROM publisher.journal) RETURNING *"
    )
    assert await faults(settings) == ["the last 1 entries are gone: seal (file) 3 has 5"]
    with pytest.raises(JournalContradictsSeal):
        await job.seal()
    await write_entries(publisher.database, "another e")
    assert await faults(settings) == [
        "the first 5 entries are not those of seal (file) 2",
        "the first 5 entries are not those of seal (file) 3",
    ]
    with pytest.raises(JournalContradictsSeal):
        await SealJob(settings).seal()
    await owner.execute("TRUNCATE publisher.journal")
    assert await faults(settings) == ["the last 5 entries are gone: seal (file) 3 has 5"]
    SealPaths.of(settings).seals.unlink()
    assert "seal (file): 2 are missing, from number 1 on" in await faults(settings)
    assert last["subject"] == "e"
    await owner.close()


async def tell_recounts(publisher, seal, last):
    """Recounts are public beside the first seal after each; the newest of a day counts."""
    recount = FiguresVerified(day=date(2026, 9, 1), verified_at=seal.sealed_at, complaints=48210, figures=91734, differences=0)
    earlier = {"verified_at": seal.sealed_at - timedelta(seconds=1), "differences": 3}
    later = {"day": date(2026, 9, 2), "verified_at": last.sealed_at}
    await publisher.produce(recount, recount.model_copy(update=earlier), recount.model_copy(update=later))

    async def recounts():
        lines = (await publisher.public.get("/open-data/verifications.jsonl")).text.splitlines()
        return [orjson.loads(line) for line in lines] if len(lines) == 2 else None

    found = await wait_until("the recounts", recounts)
    assert [(each["day"], each["differences"], each["seal"]) for each in found] == [
        ("2026-09-02", 0, None),
        ("2026-09-01", 0, 3),
    ]
    page = (await publisher.public.get("/methods", headers=HTML)).text
    assert all(words in page for words in ("每日核对", "48,210件", "91,734项"))


async def prove(publisher, old, new):
    """The auditor gets proofs that fit the seals; nobody else gets any."""
    path = "/desk/api/journal"
    assert (await publisher.public.get(f"{path}/inclusion?entry=2")).status_code == 401
    owner = await asyncpg.connect(publisher.settings.database_url.get_secret_value())
    await add_person(owner, "audit", "审计", Role.AUDITOR, "a long password")
    await owner.close()
    async with publisher.person("audit") as auditor:
        auditor.headers["accept"] = "application/json"
        entry = (await auditor.get(f"{path}/inclusion?entry=2&size={new.entries}")).json()
        growth = (await auditor.get(f"{path}/consistency?old_size={old.entries}&size={new.entries}")).json()
        assert (await auditor.get(f"{path}/inclusion?entry=99")).status_code == 404
    async with publisher.person("zhou") as reviewer:
        assert (await reviewer.get(f"{path}/inclusion?entry=2", headers={**HTML, **SITE})).status_code == 403

    leaf, nodes = bytes.fromhex(entry["leaf"]), [bytes.fromhex(node) for node in entry["path"]]
    assert entry["root"] == new.root
    assert is_included(leaf, 1, new.entries, nodes, bytes.fromhex(new.root))
    nodes = [bytes.fromhex(node) for node in growth["path"]]
    assert is_consistent(old.entries, bytes.fromhex(old.root), new.entries, bytes.fromhex(new.root), nodes)
