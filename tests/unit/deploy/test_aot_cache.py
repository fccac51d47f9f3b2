"""Kafka's class caches: unused ones are deleted."""

import os

from deploy.embedded.aot_cache import MAX_UNUSED_S, cache_option, delete_unused

NOW = 1_800_000_000.0


def cache(folder, name, age_s):
    file = folder / name
    file.write_bytes(b"classes")
    os.utime(file, (NOW - age_s, NOW - age_s))
    return file


def test_caches_unused_for_a_month_are_deleted(tmp_path) -> None:
    recent, stale = cache(tmp_path, "kafka-a.aot", MAX_UNUSED_S - 1), cache(tmp_path, "kafka-b.aot", MAX_UNUSED_S + 1)
    foreign = cache(tmp_path, "kafka.jar", MAX_UNUSED_S + 1)

    delete_unused(tmp_path, NOW)

    assert (recent.exists(), stale.exists(), foreign.exists()) == (True, False, True)


def test_starting_a_broker_with_a_cache_marks_it_as_used(tmp_path) -> None:
    file = cache(tmp_path, "kafka-a.aot", 2 * MAX_UNUSED_S)

    assert cache_option(file) == (f"-XX:AOTCache={file}",)
    assert file.stat().st_mtime != NOW - 2 * MAX_UNUSED_S


def test_without_a_cache_there_is_no_java_option(tmp_path) -> None:
    assert cache_option(tmp_path / "kafka-a.aot") == ()
