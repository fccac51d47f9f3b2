"""The restore drill: a backup while everything runs, after a compaction, more reports and releases, a loss, a restore, and the way on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from importlib import import_module

import asyncpg
import orjson
import pytest
import pytest_asyncio
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy import restore
from deploy.backup import DUMP, MANIFEST, BackupExists, NeverQuiet, NoBackup, read_manifest, take_backup
from deploy.cli.status import wait_applied
from deploy.compaction import compact_complaints
from deploy.erasure import erase_complaint
from deploy.restore import BackupNewer, DatabaseNotEmpty, ServicesRun, TopicsNewer, restore_backup
from services.publisher import drafting, releasing
from services.publisher.bureau import BureauContext
from services.publisher.releasing import SeenVersion
from services.stats.closing import close_month
from services.stats.domain.periods import parse_period
from shared import accounts, clock
from shared.accounts import Person, Role, add_person
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.topics import REPORTS
from shared.stream.topics import SEGMENT, SHORT_SEGMENT_MS, change_settings, fetch_settings
from tests.integration.conftest import fresh_system
from tests.integration.intake.conftest import binary_headers, report
from tests.integration.operation.test_databases import gongshi
from tests.integration.probes import wait_until
from tests.integration.publisher.events import uscc
from tests.monitors import free_address

SERVICES = ("intake", "stats", "publisher", "corrections")
TODAY = date(2026, 11, 20)


@asynccontextmanager
async def run_lifespan(app, _settings):
    async with app.router.lifespan_context(app):
        yield


@asynccontextmanager
async def serve(app, settings):
    server = uvicorn.Server(uvicorn.Config(app, port=settings.publisher_port, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())

    async def started():
        return server.started

    await wait_until("the publisher to serve", started)
    yield
    server.should_exit = True
    await serving


class City:
    """A system whose services are started and stopped by the test."""

    def __init__(self, settings):
        self.settings, self.apps = settings, {}

    @asynccontextmanager
    async def running(self):
        async with AsyncExitStack() as stack:
            for name in SERVICES:
                # The publisher is asked over HTTP by `gongshi verify`.
                run = serve if name == "publisher" else run_lifespan
                app = import_module(f"services.{name}.app").create_app(self.settings)
                await stack.enter_async_context(run(app, self.settings))
                self.apps[name] = app
            yield self

    async def report(self, first, last, day):
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.kafka_bootstrap_servers)
        await producer.start()
        for number in range(first, last + 1):
            operator = {"name": "云州锦程通讯器材有限公司", "uscc": uscc(0)}
            body = orjson.dumps(report(number, operator=operator, received_at=f"{day}T09:30:00+08:00"))
            await producer.send_and_wait(
                self.settings.topic_prefix + REPORTS, body, key=b"k", headers=binary_headers(event_id=f"e{number}")
            )
        await producer.stop()
        await self.applied()

    async def applied(self):
        assert await wait_applied(self.settings, SERVICES, 60) == []

    async def publish(self, month):
        """Close a month, draft it, approve and release all of it."""
        await close_month(self.apps["stats"].state.database, parse_period(month), TODAY, "test")
        await self.applied()
        database, bureau = self.apps["publisher"].state.database, BureauContext.load(self.settings)

        async def is_closed():
            async with database.snapshot() as connection:
                return await connection.fetchval("SELECT count(*) FROM publisher.closings WHERE month = $1", month)

        await wait_until("the publisher to hear of the close", is_closed)
        async with database.unit_of_work() as uow:
            await drafting.draft_month(uow, bureau, month)
        for person, role, act in (
            ("zhou", Role.REVIEWER, releasing.review), ("he", Role.REVIEWER, releasing.review),
            ("wu", Role.GATEKEEPER, releasing.release),
        ):  # fmt: skip
            await self._act(database, bureau, person, role, act)
        await self.applied()

    async def _act(self, database, bureau, person, role, act):
        owner = await asyncpg.connect(self.settings.database_url.get_secret_value())
        await add_person(owner, person, person, role, "a long password for it")
        token = await accounts.open_session(owner, Person(person, person, role))
        await owner.close()
        state = "approved" if role is Role.GATEKEEPER else "draft"
        async with database.unit_of_work() as uow:
            await accounts.act_in_session(uow.connection, token)
            rows = await uow.connection.fetch("SELECT item_id, digest FROM publisher.versions WHERE state = $1", state)
            if rows:
                await act(uow, bureau, person, [SeenVersion(row["item_id"], row["digest"].hex()) for row in rows])

    async def fetch(self, statement):
        owner = await asyncpg.connect(self.settings.database_url.get_secret_value())
        try:
            return [tuple(row) for row in await owner.fetch(statement)]
        finally:
            await owner.close()

    async def erase_and_compact(self):
        """Erase the words of a complaint, compact the topic, and keep what a new reader would find in it."""
        owner = await asyncpg.connect(self.settings.database_url.get_secret_value())
        try:
            topic = self.settings.topic_prefix + COMPLAINTS
            self.erased = await owner.fetchval("SELECT complaint_id FROM intake.complaints WHERE external_id = 'HZ-7'")
            await erase_complaint(owner, self.erased, "root", "个人信息", clock.now())
            await self.applied()
            self.told_before = await read_complaints(self.settings)
            # As a compaction leaves it that was killed.
            await change_settings(self.settings, topic, {SEGMENT: SHORT_SEGMENT_MS})
            self.compacted = await compact_complaints(self.settings, owner, actor="root")
            self.settings_after = await fetch_settings(self.settings, topic, [SEGMENT])
        finally:
            await owner.close()
        await self.applied()
        self.told = await read_complaints(self.settings)
        self.after_compaction = await self.figures()

    async def figures(self):
        """What the public and stats know: complaints of the operator by month, and what is released."""
        counted = await self.fetch(
            "SELECT month::text, complaints FROM stats.subject_months WHERE subject_kind = 'operator' ORDER BY 1"
        )
        return counted, await self.fetch("SELECT item_id, state FROM publisher.public_items ORDER BY 1")


async def read_complaints(settings):
    """What a reader from the beginning finds in the topic of complaints: id, revision and text of each record."""
    topic = settings.topic_prefix + COMPLAINTS
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(8)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            records = await consumer.getmany(timeout_ms=200)
            found += [orjson.loads(record.value) for batch in records.values() for record in batch]
    finally:
        await consumer.stop()
    return sorted((each["complaint_id"], each["revision"], each["text"]) for each in found)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def drill(engines, template, tmp_path_factory):
    """A city with a released month, backed up while it ran, that went on by ten reports and another release; it is stopped now."""
    home = tmp_path_factory.mktemp("city")
    async with fresh_system(engines, template, home) as settings:
        port = int(free_address().rpartition(":")[2])
        city = City(settings.model_copy(update={"publisher_port": port}))
        async with city.running():
            await city.report(1, 30, "2026-10-08")
            await city.publish("2026-10")
            city.before = await city.figures()
            await city.erase_and_compact()
            city.manifest = await take_backup(settings, home / "backup")
            await city.report(31, 40, "2026-09-08")
            await city.publish("2026-09")
        city.folder = home / "backup"
        yield city


async def test_after_a_compaction_the_topic_holds_the_newest_revision_of_each_complaint_and_no_erased_word(drill):
    erased = str(drill.erased)
    texts = [text for each, _, text in drill.told_before if each == erased]
    assert [bool(text) for text in texts] == [True, False], "the erasure alone leaves the earlier revision in the log"

    assert len(drill.told) == len({each for each, *_ in drill.told}) == drill.compacted.complaints == 30
    assert [text for each, _, text in drill.told if each == erased] == [None]
    assert drill.settings_after != {SEGMENT: SHORT_SEGMENT_MS}
    assert set(drill.told) <= set(drill.told_before)
    assert drill.compacted.deleted > 0
    assert drill.after_compaction == drill.before


async def test_a_backup_is_private_whole_and_never_written_over_another(drill):
    assert {file.stat().st_mode & 0o077 for file in (drill.folder, *drill.folder.rglob("*"))} == {0}
    assert read_manifest(drill.folder) == drill.manifest
    assert drill.manifest.positions["intake"][REPORTS]
    with pytest.raises(BackupExists):
        await take_backup(drill.settings, drill.folder)


async def test_a_dump_that_was_cut_is_no_backup(drill, tmp_path):
    (tmp_path / MANIFEST).write_bytes((drill.folder / MANIFEST).read_bytes())
    (tmp_path / DUMP).write_bytes((drill.folder / DUMP).read_bytes()[:-1])

    with pytest.raises(NoBackup):
        await restore_backup(drill.settings, tmp_path)
    with pytest.raises(NoBackup):
        await restore_backup(drill.settings, tmp_path / "nowhere")


async def test_a_backup_of_a_newer_version_is_refused(drill, monkeypatch):
    monkeypatch.setattr(restore, "VERSION", "0.0.9")

    with pytest.raises(BackupNewer):
        await restore_backup(drill.settings, drill.folder)


async def test_a_restore_over_a_system_or_beside_newer_topics_is_refused_and_changes_nothing(drill):
    before = await drill.figures()

    with pytest.raises(DatabaseNotEmpty):
        await restore_backup(drill.settings, drill.folder)
    with pytest.raises(TopicsNewer, match=r"in gongshi\.complaints.*--discard-newer"):
        await restore_backup(drill.settings, drill.folder, replace=True)

    assert await drill.figures() == before


async def test_while_a_service_is_connected_nothing_is_restored(drill):
    app = import_module("services.stats.app").create_app(drill.settings)
    async with app.router.lifespan_context(app):
        with pytest.raises(ServicesRun, match="gongshi_stats"):
            await restore_backup(drill.settings, drill.folder, replace=True, discard_newer=True)


async def test_after_a_restore_each_report_counts_once_and_everything_verifies(drill, monkeypatch):
    monkeypatch.setenv("GONGSHI_TOPIC_PREFIX", drill.settings.topic_prefix)
    monkeypatch.setenv("GONGSHI_PUBLISHER_PORT", str(drill.settings.publisher_port))
    restored = await restore_backup(drill.settings, drill.folder, replace=True, discard_newer=True)
    as_restored = await drill.figures()
    async with drill.running():
        await drill.applied()
        complaints = await drill.fetch("SELECT count(*), count(DISTINCT external_id) FROM intake.complaints")
        counted = await drill.fetch("SELECT sum(complaints) FROM stats.subject_months WHERE subject_kind = 'operator'")
        code, output, messages = await gongshi(drill.settings, "verify", "all")

    assert as_restored == drill.before, "the database is as it was"
    assert {"gongshi.complaints", "gongshi.publications"} <= set(restored.discarded)
    assert restored.republished == len(drill.before[1]) > 0
    assert complaints == [(40, 40)]
    assert counted == [(40,)], "reports of after the backup are read again and counted once"
    assert code == 0, output + messages
    assert await drill.fetch("SELECT action FROM accounts.journal ORDER BY seq DESC LIMIT 1") == [("database_restored",)]


async def test_a_system_that_is_never_quiet_is_not_backed_up(drill, tmp_path):
    await drill.fetch(
        "UPDATE stats.positions SET next_offset = next_offset - 1 WHERE topic LIKE '%complaints' AND next_offset > 0"
    )

    with pytest.raises(NeverQuiet):
        await take_backup(drill.settings, tmp_path / "backup", patience_s=0.5)
