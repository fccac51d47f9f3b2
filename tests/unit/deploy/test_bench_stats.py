"""The stats step beside its peers: ratios of each, a wrong count is no result, and what the machine lacks is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.bench import java_peer
from deploy.bench.meter import Usage
from deploy.bench.peer import Peer
from deploy.bench.revisions import Expected, revisions
from deploy.bench.stats import MiscountedError, Run, check_count, report
from deploy.cli.bench import UnknownPeer, parse_peers
from shared.settings import Settings
from shared.stream.client_options import java_options

OURS = Run(10_000, Usage(6.0, 200), {"PostgreSQL": 9.0})


def test_the_ratio_to_every_peer_is_told_and_the_first_stands_by_itself() -> None:
    peers = {Peer.QUIX: Run(5_000, Usage(25.0, 540), {}), Peer.KAFKA_STREAMS: Run(8_000, Usage(12.5, 700), {"Kafka": 4.0})}

    result = report(300_000, OURS, peers, {})

    assert result["ratios"] == {"quix": 2.0, "kafka-streams": 1.25}
    assert (result["peer"], result["peer_per_second"], result["ratio"]) == ("quix", 5_000, 2.0)
    assert result["peers"]["kafka-streams"]["cpu_seconds"] == 12.5
    assert result["engines_cpu_seconds"] == {"PostgreSQL": 9.0}


def test_a_peer_that_the_machine_cannot_run_is_named_and_has_no_ratio() -> None:
    result = report(300_000, OURS, {}, {Peer.KAFKA_STREAMS: "no compiler"})

    assert result["left_out"] == {"kafka-streams": "no compiler"}
    assert not {"peer", "ratio", "ratios"} & result.keys()


def test_another_count_than_what_was_sent_is_no_result() -> None:
    expected = Expected()
    records = list(revisions(2_000, 1, expected))

    assert (expected.records, expected.complaints) == (2_000, len({r.complaint_id for r in records if r.kind == "complaint"}))
    check_count("quix", expected.complaints, expected)
    with pytest.raises(MiscountedError, match="quix counts"):
        check_count("quix", expected.complaints + 1, expected)


def test_peers_are_named_with_commas_between_them() -> None:
    assert parse_peers("quix, kafka-streams") == [Peer.QUIX, Peer.KAFKA_STREAMS]
    assert parse_peers(None) == []
    with pytest.raises(UnknownPeer, match="flink"):
        parse_peers("quix,flink")


def test_the_compiler_is_that_of_java_home_or_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    with pytest.raises(java_peer.CompilerMissing, match=r"JDK of release \d+"):
        java_peer.compiler()

    compiler = tmp_path / "jdk" / "bin" / "javac"
    compiler.parent.mkdir(parents=True)
    compiler.touch(mode=0o755)

    assert java_peer.compiler() == compiler


def test_a_password_with_quotes_stays_one_value_for_java() -> None:
    settings = Settings(
        kafka_bootstrap_servers="127.0.0.1:9092",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="peer",
        kafka_sasl_password=SecretStr('a"; b\\c'),
    )

    options = java_options(settings)

    assert options["sasl.jaas.config"] == (
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="peer" password="a\\"; b\\\\c";'
    )
