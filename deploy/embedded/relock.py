"""Resolves Kafka's jars anew and writes `kafka.lock.toml`: `python -m deploy.embedded.relock`, after a change here."""

import tempfile
from pathlib import Path

from jgo.env import LockFile
from jgo.maven import MavenContext

from deploy.embedded.jars import LOCK, TIMEOUT

COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    # Kafka ships no logging backend; this one has 15 kB and writes to standard error.
    "org.slf4j:slf4j-simple:1.7.36",
)
# Kafka Connect and its web server, half of all jars: kafka-tools asks for them, a broker does not need them.
EXCLUDED = ("org.apache.kafka:connect-runtime", "com.fasterxml.jackson.jakarta.rs:jackson-jakarta-rs-json-provider")


def relock() -> None:
    """Resolve COORDINATES from Maven Central."""
    with tempfile.TemporaryDirectory() as repository:
        maven = MavenContext(repo_cache=Path(repository), timeout=TIMEOUT)
        excluded = [maven.project(*name.split(":")) for name in EXCLUDED]
        requirements = [maven.create_dependency(name, excluded) for name in COORDINATES]
        direct, transitive = maven.resolver.resolve(requirements)
        needed = direct + [jar for jar in transitive if jar.scope in {"compile", "runtime"}]
        LockFile.from_resolved_dependencies(needed, environment_name="kafka").save(LOCK)


if __name__ == "__main__":
    relock()
