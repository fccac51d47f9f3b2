"""The state file and the addresses taken from it."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy import runtime
from deploy.runtime import InvalidBootstrapServers, NotRunningError, RunningService, Runtime, resolve_addresses
from shared.settings import Settings

UNUSED_PID = 2**22 + 1  # above the highest process id of Linux


def state(pid: int) -> Runtime:
    return Runtime(
        pid=pid,
        kafka_bootstrap_servers="127.0.0.1:19092",
        database_url="postgresql://here/gongshi",
        services={"intake": RunningService(url="http://127.0.0.1:8701", pid=7)},
    )


@pytest.fixture(autouse=True)
def no_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_the_state_file_is_read_back_and_private(tmp_path: Path) -> None:
    runtime.write(tmp_path, state(os.getpid()))

    assert runtime.read(tmp_path) == state(os.getpid())
    assert [(f.name, f.stat().st_mode & 0o777) for f in tmp_path.iterdir()] == [("runtime.json", 0o600)]


def test_the_file_of_a_dead_supervisor_is_ignored(tmp_path: Path) -> None:
    runtime.write(tmp_path, state(UNUSED_PID))

    assert runtime.read(tmp_path) is None


def test_missing_addresses_come_from_the_state_file(tmp_path: Path) -> None:
    runtime.write(tmp_path, state(os.getpid()))

    settings = resolve_addresses(Settings(home=tmp_path))

    assert settings.kafka_bootstrap_servers == "127.0.0.1:19092"
    assert settings.database_url.get_secret_value() == "postgresql://here/gongshi"


def test_configured_addresses_win(tmp_path: Path) -> None:
    runtime.write(tmp_path, state(os.getpid()))

    settings = resolve_addresses(Settings(home=tmp_path, database_url=SecretStr("postgresql://mine/gongshi")))

    assert settings.kafka_bootstrap_servers == "127.0.0.1:19092"
    assert settings.database_url.get_secret_value() == "postgresql://mine/gongshi"


def test_without_a_state_file_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match=r"gongshi up.*KAFKA_BOOTSTRAP_SERVERS"):
        resolve_addresses(Settings(home=tmp_path))


@pytest.mark.parametrize("servers", ["broker:kafka", "broker:99999", "one:9092,two:x", "broker:"])
def test_a_bootstrap_server_without_a_port_that_can_be_is_named(tmp_path: Path, servers: str) -> None:
    with pytest.raises(InvalidBootstrapServers, match=servers.rsplit(",", maxsplit=1)[-1]):
        resolve_addresses(Settings(home=tmp_path, kafka_bootstrap_servers=servers, database_url=SecretStr("postgresql://db/g")))


@pytest.mark.parametrize("servers", ["broker:9092", "one:9092, two:9093", "broker", "[::1]:9092", "::1"])
def test_bootstrap_servers_that_clients_understand_are_taken(tmp_path: Path, servers: str) -> None:
    settings = Settings(home=tmp_path, kafka_bootstrap_servers=servers, database_url=SecretStr("postgresql://db/g"))

    assert resolve_addresses(settings) == settings
