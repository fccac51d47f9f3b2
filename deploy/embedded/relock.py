"""Resolves jars anew and writes their lock files: `python -m deploy.embedded.relock [NAME]`, after a change here."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jgo.env import LockFile
from jgo.maven import MavenContext

from deploy.embedded.jars import LOCK, TIMEOUT

# Kafka ships no logging backend; this one has 15 kB and writes to standard error.
LOGGING = "org.slf4j:slf4j-simple:1.7.36"


@dataclass(frozen=True)
class JarSet:
    """What is resolved into a lock file: these artifacts and what they need, without the excluded ones."""

    lock_file: Path
    coordinates: tuple[str, ...]
    excluded: tuple[str, ...] = ()


JAR_SETS = {
    "kafka": JarSet(
        LOCK,
        ("org.apache.kafka:kafka_2.13:4.3.1", "org.apache.kafka:kafka-tools:4.3.1", LOGGING),
        # Kafka Connect and its web server, half of all jars: kafka-tools asks for them, a broker does not need them.
        ("org.apache.kafka:connect-runtime", "com.fasterxml.jackson.jakarta.rs:jackson-jakarta-rs-json-provider"),
    ),
    # A peer of the benches, of the broker's version.
    "kafka-streams": JarSet(
        LOCK.parents[1] / "bench" / "kafka-streams.lock.toml", ("org.apache.kafka:kafka-streams:4.3.1", LOGGING)
    ),
}


def relock(name: str) -> None:
    """Resolve a set of jars from Maven Central."""
    jar_set = JAR_SETS[name]
    with tempfile.TemporaryDirectory() as repository:
        maven = MavenContext(repo_cache=Path(repository), timeout=TIMEOUT)
        excluded = [maven.project(*each.split(":")) for each in jar_set.excluded]
        requirements = [maven.create_dependency(each, excluded) for each in jar_set.coordinates]
        direct, transitive = maven.resolver.resolve(requirements)
        needed = direct + [jar for jar in transitive if jar.scope in {"compile", "runtime"}]
        LockFile.from_resolved_dependencies(needed, environment_name=name).save(jar_set.lock_file)


if __name__ == "__main__":
    for each in sys.argv[1:] or JAR_SETS:
        relock(each)
