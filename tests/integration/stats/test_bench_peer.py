"""The peer in Kafka Streams counts the newest revision of each complaint, on a real broker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploy.bench.java_peer import CompilerMissing, compiler
from deploy.bench.peer import Peer, prepared, run_peer
from deploy.bench.revisions import Expected, revisions
from deploy.bench.stats import MiscountedError, check_count, send
from shared.contracts.complaints import COMPLAINTS
from shared.settings import Settings

RECORDS = 3_000
REPEATED = 500


@pytest.fixture
def _needs_compiler() -> None:
    try:
        compiler()
    except CompilerMissing as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_needs_compiler")
@pytest.mark.asyncio(loop_scope="session")
async def test_revisions_that_come_again_count_once(settings: Settings) -> None:
    expected = Expected()
    sent = list(revisions(RECORDS, 1, expected))
    await send(settings, [*sent, *sent[:REPEATED]])

    async with prepared(Peer.KAFKA_STREAMS, settings) as command:
        prefix = settings.topic_prefix
        result = await run_peer(Peer.KAFKA_STREAMS, command, settings, prefix + COMPLAINTS, f"{prefix}sums", RECORDS + REPEATED)

    check_count("kafka-streams", result.complaints, expected)
    with pytest.raises(MiscountedError):
        check_count("kafka-streams", result.complaints, replace(expected, complaints=expected.complaints + 1))
    assert result.seconds > 0
    assert result.cpu_seconds > 0
