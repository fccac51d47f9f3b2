"""Fetching jars from a Maven repository: here a folder served on the loopback address."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.embedded import jars
from deploy.embedded.jars import Jar, JarFetchError, class_path


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing to the terminal."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that is served; jgo uses it as a mirror."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = tmp_path / "jgo.conf"
    config.write_text(f"[repositories]\ncentral = http://127.0.0.1:{server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
    yield folder
    server.shutdown()
    server.server_close()


def publish(repository: Path, artifact: str, content: bytes) -> Jar:
    jar = Jar("org.example", artifact, "1.0", hashlib.sha256(content).hexdigest())
    path = repository / jar.path
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return jar


@pytest.fixture
def lock(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> list[Jar]:
    """A lock file of two jars, both published."""
    locked = [publish(repository, "one", b"1"), publish(repository, "two", b"22")]
    entries = (
        f'[[dependencies]]\ngroupId="{jar.group}"\nartifactId="{jar.artifact}"\nversion="1.0"\nsha256="{jar.sha256}"'
        for jar in locked
    )
    file = tmp_path / "lock.toml"
    file.write_text("\n".join(entries))
    monkeypatch.setattr(jars, "LOCK", file)
    return locked


def test_all_jars_are_fetched_once_with_progress(tmp_path: Path, lock: list[Jar]) -> None:
    progress: list[tuple[int, int]] = []
    for _ in range(2):
        paths = class_path(tmp_path / "cache", lambda done, total: progress.append((done, total)))

    assert [path.read_bytes() for path in paths] == [b"1", b"22"]
    assert progress == [(1, 2), (2, 2)]


def test_a_partial_jar_is_fetched_again(tmp_path: Path, lock: list[Jar]) -> None:
    half = tmp_path / "cache" / "maven" / lock[1].path
    half.parent.mkdir(parents=True)
    half.write_bytes(b"2")

    class_path(tmp_path / "cache", lambda *_: None)

    assert half.read_bytes() == b"22"


def test_a_jar_with_another_digest_is_rejected(tmp_path: Path, repository: Path, lock: list[Jar]) -> None:
    (repository / lock[0].path).write_bytes(b"another")

    with pytest.raises(JarFetchError, match=r"one-1\.0\.jar.*has another digest than the lock file"):
        class_path(tmp_path / "cache", lambda *_: None)

    assert not (tmp_path / "cache" / "maven" / lock[0].path).exists()


def test_a_missing_jar_is_named_with_what_to_do(tmp_path: Path, repository: Path, lock: list[Jar]) -> None:
    (repository / lock[0].path).unlink()

    with pytest.raises(JarFetchError, match=r"one-1\.0\.jar could not be fetched.*check the network.*KAFKA_BOOTSTRAP_SERVERS"):
        class_path(tmp_path / "cache", lambda *_: None)
