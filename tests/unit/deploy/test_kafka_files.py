"""What the broker is started with: its settings file and the locked jars."""

import tomllib

from deploy.embedded.jars import LOCK, read_lock_file
from deploy.embedded.kafka import escape_property
from deploy.embedded.relock import COORDINATES


def test_a_path_in_a_properties_file_may_hold_any_character() -> None:
    assert escape_property("/home/投诉/a b") == "/home/\\u6295\\u8bc9/a b"
    assert escape_property("C:\\x") == "C:\\\\x"
    assert escape_property("😀") == "\\ud83d\\ude00"


def test_every_jar_is_locked_by_version_and_digest() -> None:
    jars = read_lock_file()

    assert {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars} >= set(COORDINATES)
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert all(not jar.version.endswith("SNAPSHOT") for jar in jars)


def test_the_lock_names_plain_jars_only() -> None:
    locked = tomllib.loads(LOCK.read_text(encoding="utf-8"))["dependencies"]

    assert {jar["packaging"] for jar in locked} == {"jar"}
    assert not any("classifier" in jar for jar in locked)
