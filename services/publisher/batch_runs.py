"""Runs over large batches: approved or released part by part, each part a transaction in the session of the person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from services.publisher import batches
from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import State
from services.publisher.releasing import SeenVersion
from services.publisher.store import batch_runs as stored
from shared.accounts import act_in_session
from shared.stream import Database, UnitOfWork

# Takes about a second; between two parts a withdrawal has its turn. A batch that is no larger is decided with its request.
PART = 500
log = structlog.get_logger(__name__)

Step = Callable[[UnitOfWork, BureauContext, str, int, Sequence[SeenVersion]], Awaitable[object]]
"""Decides on a part of a batch: unit of work, bureau, person, batch, the versions as the person saw them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person ordered of the versions of a batch in a state, of which they saw the digest.

    `token`: of their session, which each part is decided in.
    """

    run_id: int
    batch_id: int
    person: str
    token: str
    state: State
    digest: str
    step: Step


class BatchRunner:
    """Carries out orders one after another, for as long as the service runs.

    What is done when it stops stays done, each version once; the rest is as it was, and can be ordered again.
    """

    def __init__(self, database: Database, bureau: BureauContext, name_refusal: Callable[[Exception], str]) -> None:
        self._database = database
        self._bureau = bureau
        self._name_refusal = name_refusal
        self._orders: asyncio.Queue[Order] = asyncio.Queue()
        self._waiting: set[int] = set()

    def start(self, order: Order) -> None:
        """Have an order carried out; its run is stored."""
        self._waiting.add(order.run_id)
        self._orders.put_nowait(order)

    async def run(self) -> None:
        """Carry out orders."""
        while True:
            await self.carry_out(await self._orders.get())

    async def carry_out(self, order: Order) -> None:
        """Decide on every part of a batch; end at the first that is refused or fails, which the run says.

        The journal says of the batch what was done of it, when that is over.
        """
        self._waiting.discard(order.run_id)
        refusal, done = None, 0
        try:
            async with self._database.unit_of_work() as uow:
                seen = await batches.begin(uow, self._bureau, order.person, order.batch_id, order.state, order.digest)
                await stored.touch(uow.connection, [order.run_id], uow.now)
            for first in range(0, len(seen), PART):
                part = seen[first : first + PART]
                await self._decide(order, part)
                done += len(part)
        except Exception as error:
            refusal = self._name_refusal(error)
            log.warning("batch_run_ended_early", batch=order.batch_id, reason=refusal, error=type(error).__name__)
        async with self._database.unit_of_work() as uow:
            await stored.end(uow.connection, order.run_id, uow.now, refusal)
            if done:
                batches.record(uow, self._bureau, order.person, order.batch_id, order.state, done, order.digest)

    async def _decide(self, order: Order, part: Sequence[SeenVersion]) -> None:
        async with self._database.unit_of_work() as uow:
            await act_in_session(uow.connection, order.token)
            await order.step(uow, self._bureau, order.person, order.batch_id, part)
            await stored.advance(uow.connection, order.run_id, len(part), uow.now)
            # Those behind it have not died either.
            await stored.touch(uow.connection, self._waiting, uow.now)
