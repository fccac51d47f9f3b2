"""What the broker is started with: its settings file and the locked jars."""

import tomllib

import pytest

from deploy.embedded.jars import read_lock_file
from deploy.embedded.kafka import escape_property
from deploy.embedded.relock import JAR_SETS, JarSet


def test_a_path_in_a_properties_file_may_hold_any_character() -> None:
    assert escape_property("/home/投诉/a b") == "/home/\\u6295\\u8bc9/a b"
    assert escape_property("C:\\x") == "C:\\\\x"
    assert escape_property("😀") == "\\ud83d\\ude00"


@pytest.mark.parametrize("jar_set", JAR_SETS.values(), ids=JAR_SETS.keys())
def test_every_jar_is_locked_by_version_and_digest(jar_set: JarSet) -> None:
    jars = read_lock_file(jar_set.lock_file)

    assert {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars} >= set(jar_set.coordinates)
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert all(not jar.version.endswith("SNAPSHOT") for jar in jars)


@pytest.mark.parametrize("jar_set", JAR_SETS.values(), ids=JAR_SETS.keys())
def test_the_lock_names_plain_jars_only(jar_set: JarSet) -> None:
    locked = tomllib.loads(jar_set.lock_file.read_text(encoding="utf-8"))["dependencies"]

    assert {jar["packaging"] for jar in locked} == {"jar"}
    assert not any("classifier" in jar for jar in locked)
