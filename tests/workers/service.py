"""A service that tells the process of its worker, and would go on for ever."""

import asyncio
import sys

import structlog

from shared.worker_process.process import WorkerProcess


async def main() -> None:
    worker = WorkerProcess("tests.workers.echo")
    await worker.ask(b"")
    sys.stdout.write(f"{worker.pid}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    asyncio.run(main())
