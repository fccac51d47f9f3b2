"""Kafka's class caches: what is used stays, what nobody uses goes."""

import os

from deploy.embedded.warm import KEPT_FOR_S, forget_unused, use

NOW = 1_800_000_000.0


def cache(folder, name, age_s):
    file = folder / name
    file.write_bytes(b"classes")
    os.utime(file, (NOW - age_s, NOW - age_s))
    return file


def test_only_caches_that_were_unused_for_a_month_are_removed(tmp_path) -> None:
    recent, stale = cache(tmp_path, "kafka-a.aot", KEPT_FOR_S - 1), cache(tmp_path, "kafka-b.aot", KEPT_FOR_S + 1)
    foreign = cache(tmp_path, "kafka.jar", KEPT_FOR_S + 1)

    forget_unused(tmp_path, NOW)

    assert (recent.exists(), stale.exists(), foreign.exists()) == (True, False, True)


def test_a_cache_that_a_broker_starts_with_counts_as_used(tmp_path) -> None:
    file = cache(tmp_path, "kafka-a.aot", 2 * KEPT_FOR_S)

    assert use(file) == (f"-XX:AOTCache={file}",)
    assert file.stat().st_mtime != NOW - 2 * KEPT_FOR_S


def test_without_a_cache_java_gets_no_option(tmp_path) -> None:
    assert use(tmp_path / "kafka-a.aot") == ()
