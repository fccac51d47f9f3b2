"""The supervisor: services become ready, are restarted and stopped; nothing outlives it. The services are stand-ins."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy import runtime
from deploy.embedded import Engines
from deploy.runtime import DemoAccount, DemoSource
from deploy.supervisor import Supervisor
from deploy.supervisor.service import ServiceFailedError
from shared.settings import Settings
from tests.integration.embedded.conftest import engines_in, is_alive, make_topic
from tests.integration.probes import wait_until

STAND_IN = Path(__file__).with_name("stand_in.py")
ROOT = STAND_IN.parents[3]

PARENT = """
import asyncio, sys
from pathlib import Path
from deploy.supervisor import Supervisor
from shared.settings import Settings
from tests.integration.embedded.test_supervisor import prepare_nothing, stand_in

async def main():
    settings = Settings(home=Path(sys.argv[1]), kafka_bootstrap_servers="none:1", database_url="none", intake_port=int(sys.argv[2]), seal_interval_s=0)
    async with Supervisor(settings, services=["intake"], command=stand_in, prepare=prepare_nothing) as supervisor:
        await supervisor.wait_ready()
        print(supervisor.pid("intake"), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def stand_in(name: str, listen_fd: int) -> list[str]:
    return [sys.executable, str(STAND_IN), name, str(listen_fd), str(os.getpid())]


async def prepare_nothing(_: Settings) -> None:
    """The stand-ins need neither schemas nor topics."""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-ins find the project as the tests do."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def ports() -> dict[str, int]:
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return {"intake_port": one.getsockname()[1], "stats_port": other.getsockname()[1]}


@pytest.fixture
def supervise(home: Path, ports: dict[str, int]) -> Callable[..., Supervisor]:
    """Makes a supervisor of two stand-ins, with addresses of engines that nobody asks."""
    settings = Settings(
        home=home,
        kafka_bootstrap_servers="unused:9092",
        database_url=SecretStr("unused"),
        intake_port=ports["intake_port"],
        stats_port=ports["stats_port"],
        seal_interval_s=0,
    )

    def make(**options: object) -> Supervisor:
        return Supervisor(settings, services=["intake", "stats"], command=stand_in, prepare=prepare_nothing, **options)  # type: ignore[arg-type]

    return make


async def test_all_services_become_ready_and_the_state_file_names_them(
    home: Path, supervise: Callable[..., Supervisor]
) -> None:
    async with supervise() as supervisor:
        await supervisor.wait_ready()
        supervisor.set_demo_access(
            accounts=[DemoAccount(name="wang.fang", role="reviewer", password="x")], source=DemoSource(name="demo", key="k")
        )

        state = runtime.read(home)
        assert state is not None
        assert state.pid == os.getpid()
        assert {name: (s.url, s.pid) for name, s in state.services.items()} == {
            name: (supervisor.urls[name], supervisor.pid(name)) for name in ("intake", "stats")
        }
        assert [account.name for account in state.accounts] == ["wang.fang"]
        assert (home / runtime.FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert runtime.read(home) is None


async def test_a_killed_service_is_restarted_on_its_address(home: Path, supervise: Callable[..., Supervisor]) -> None:
    messages: list[str] = []
    async with supervise(notify=messages.append) as supervisor:
        await supervisor.wait_ready()
        old, urls = supervisor.pid("intake"), supervisor.urls

        supervisor.kill("intake")

        async def is_new() -> bool:
            return supervisor.pid("intake") not in {0, old}

        await wait_until("another intake process", is_new)
        await supervisor.wait_ready()
        assert supervisor.urls == urls
        state = runtime.read(home)
        assert state is not None
        assert state.services["intake"].pid == supervisor.pid("intake")
        assert messages == [f"intake ended with SIGKILL; restarting it in 0.2 s. Its log: {home}/logs/intake.log"]


async def test_a_service_that_dies_at_its_start_is_reported_with_the_end_of_its_log(
    supervise: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATS_DIES", "1")
    async with supervise(notify=lambda _: None) as supervisor:
        with pytest.raises(ServiceFailedError, match=r"(?s)stats dies at its start.*the rules file has no rule"):
            await supervisor.wait_ready()


async def test_a_paused_service_is_stopped_with_the_others(supervise: Callable[..., Supervisor]) -> None:
    async with supervise() as supervisor:
        await supervisor.wait_ready()
        pid = supervisor.pid("stats")
        supervisor.pause("stats")

    assert not is_alive(pid)


async def test_a_port_in_use_is_reported_and_the_next_free_one_used(
    supervise: Callable[..., Supervisor], ports: dict[str, int]
) -> None:
    messages: list[str] = []
    with socket.create_server(("127.0.0.1", ports["intake_port"])):
        async with supervise(notify=messages.append) as supervisor:
            await supervisor.wait_ready()

            port = int(supervisor.urls["intake"].rpartition(":")[2])
            assert port > ports["intake_port"]
            assert messages == [f"Port {ports['intake_port']} is in use by another program: intake listens on {port} instead."]


async def test_a_killed_supervisor_leaves_no_service(home: Path, ports: dict[str, int]) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(home), str(ports["intake_port"]), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    service = int(await parent.stdout.readline())
    assert is_alive(service)

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    async def gone() -> bool:
        return not is_alive(service)

    await wait_until("the service to end with its supervisor", gone)
    assert runtime.read(home) is None


async def test_an_engine_that_dies_is_restarted(home: Path) -> None:
    async with engines_in(home) as engines:
        servers = engines.kafka_bootstrap_servers
        supervision = asyncio.create_task(engines.supervise())
        await asyncio.gather(engines.kill_kafka(), engines.kill_postgres())

        async def both_alive() -> bool:
            return are_alive(engines)

        await wait_until("both engines", both_alive)
        supervision.cancel()
        await asyncio.gather(supervision, return_exceptions=True)
        assert engines.kafka_bootstrap_servers == servers
        await engines.restart_kafka()
        await make_topic(servers, "again")


def are_alive(engines: Engines) -> bool:
    return all(engine is not None and engine.is_alive for engine in (engines.kafka, engines.postgres))
