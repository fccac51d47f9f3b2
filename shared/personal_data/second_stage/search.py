"""The second stage as a service asks for it: the model is in a process of its own, which leaves when no text waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from shared.personal_data.tokens import Span
from shared.worker_process.process import WorkerDied, WorkerProcess

MODULE = "shared.personal_data.second_stage"


class NameSearch:
    """Searches texts for names and addresses; created in the composition root."""

    def __init__(self, worker: WorkerProcess | None = None) -> None:
        self._worker = worker or WorkerProcess(MODULE)

    async def find_spans(self, texts: Sequence[str], public: Iterable[str | None] = ()) -> list[list[Span]]:
        """Return (start, end, token) of names and addresses in each text; those in `public` are nobody's secret.

        A process that dies is started once more. Raises `WorkerNotStarted`, `WorkerDied`, `WorkerRefused`.
        """
        request = orjson.dumps({"texts": texts, "public": [each for each in public if each]})
        try:
            answer = await self._worker.ask(request)
        except WorkerDied:
            answer = await self._worker.ask(request)
        return [[(start, end, token) for start, end, token in spans] for spans in orjson.loads(answer)]

    async def close(self) -> None:
        """End the process."""
        await self._worker.close()
