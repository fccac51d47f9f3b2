"""What each process of a service says of itself, as the operations page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from pydantic import BaseModel

from shared.keys import key_hash

# Three reports are missing by then.
SILENT_AFTER = timedelta(seconds=70)


class BlockedState(BaseModel):
    """A partition that is not consumed; `reason` names the command that lets it go on."""

    partition: int
    cause: str
    reason: str


class ConsumerState(BaseModel):
    """How far a consumer is. `lag`: records not applied; `committed_s`: seconds since its last batch."""

    topic: str
    lag: int
    committed_s: float
    failure: str = ""
    blocked: tuple[BlockedState, ...] = ()


class Attention(BaseModel):
    """Something for a person: what (`code`), of which thing, how many, since when. Never of a person or a complaint."""

    code: str
    subject: str = ""
    count: int = 1
    since: datetime | None = None


class ServiceState(BaseModel):
    """What a process says of itself."""

    version: str
    started_at: datetime
    outbox: int
    dead_letters: int
    consumers: tuple[ConsumerState, ...] = ()
    attention: tuple[Attention, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedState:
    """A state, and when the process said so."""

    service: str
    process: str
    at: datetime
    state: ServiceState

    def is_silent(self, now: datetime) -> bool:
        """Whether the process has missed its reports."""
        return now - self.at > SILENT_AFTER


REPORT = "SELECT accounts.report_state($1, $2, $3)"


async def report_state(connection: asyncpg.Connection, service: str, process: str, state: ServiceState) -> None:
    """Store what a process says of itself, in place of what it said before."""
    await connection.execute(REPORT, service, process, state.model_dump_json())


WITHDRAW = "SELECT accounts.withdraw_state($1, $2)"


async def withdraw_state(connection: asyncpg.Connection, service: str, process: str) -> None:
    """Delete what a process said of itself: it has stopped as it should."""
    await connection.execute(WITHDRAW, service, process)


FETCH = "SELECT service, process, at, state FROM accounts.service_states($1)"


async def fetch_states(connection: asyncpg.Connection, token: str) -> list[ReportedState]:
    """Return what every process says of itself; nothing but in a live session of the role ops."""
    return [
        ReportedState(row["service"], row["process"], row["at"], ServiceState.model_validate_json(row["state"]))
        for row in await connection.fetch(FETCH, key_hash(token))
    ]
