"""Jars by the versions and digests of a lock file, fetched once into a shared cache: those of `kafka.lock.toml`, the broker's.

Lock files are jgo's; `deploy.embedded.relock` writes them.
"""

import fcntl
import hashlib
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.errors import GongshiError

LOCK = Path(__file__).with_name("kafka.lock.toml")
CONNECTIONS = 8
TRIES = 3
TIMEOUT = 60  # seconds for one response of the Maven repository

Progress = Callable[[int, int], None]
"""Called with the number of jars that are present and the total."""


class JarFetchError(GongshiError):
    """A jar could not be fetched."""


@dataclass(frozen=True)
class Jar:
    """One locked artifact."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """Its path in a Maven repository."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


def class_path(cache: Path, progress: Progress, lock_file: Path | None = None) -> list[Path]:
    """Return all jars of a lock file, the broker's by default, fetched and checked against their digests where needed."""
    jars = read_lock_file(lock_file)
    repository = cache / "maven"
    checked = repository / f"{hashlib.sha256((lock_file or LOCK).read_bytes()).hexdigest()[:16]}.checked"
    paths = [repository / jar.path for jar in jars]
    if not (checked.exists() and all(path.exists() for path in paths)):
        repository.mkdir(parents=True, exist_ok=True)
        with lock_folder(repository):
            fetch(jars, repository, progress)
        checked.touch()
    return paths


def read_lock_file(lock_file: Path | None = None) -> list[Jar]:
    """Read a lock file, the broker's by default."""
    lock = tomllib.loads((lock_file or LOCK).read_text(encoding="utf-8"))
    return [Jar(d["groupId"], d["artifactId"], d["version"], d["sha256"]) for d in lock["dependencies"]]


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold an exclusive lock; waits for processes that fetch into the same folder."""
    with (folder / "fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(jars: list[Jar], repository: Path, progress: Progress) -> None:
    """Fetch missing and damaged jars into the repository."""
    done = 0
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(lambda jar: _fetch_one(jar, repository), jars):
            done += 1
            progress(done, len(jars))


def _fetch_one(jar: Jar, repository: Path) -> None:
    path = repository / jar.path
    failure = ""
    for _ in range(TRIES):
        if path.exists() and _digest(path) == jar.sha256:
            return
        # A partial file of a broken connection would count as fetched.
        path.unlink(missing_ok=True)
        try:
            _download(jar, repository)
            failure = "the repository's file has another digest than the lock file"
        except (OSError, RuntimeError) as error:
            failure = str(error)
    if not (path.exists() and _digest(path) == jar.sha256):
        path.unlink(missing_ok=True)
        raise JarFetchError(
            f"{path.name} could not be fetched: {failure}. Kafka is fetched once from a Maven repository; "
            "check the network, or set KAFKA_BOOTSTRAP_SERVERS to a broker of your own."
        )


def _download(jar: Jar, repository: Path) -> None:
    # Imported here: it takes 0.4 s, and only the first start needs it.
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    # The user's jgo settings may name a mirror; the default is Maven Central.
    mirrors = GlobalSettings.load().repositories or None
    maven = MavenContext(repo_cache=repository, remote_repos=mirrors, timeout=TIMEOUT)
    maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
