"""A TCP relay in front of a server that can be cut or frozen, as networks and machines are."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Relay:
    """Forwards connections to `host:port` while it is neither cut nor frozen."""

    def __init__(self, host, port):
        self._target = host, port
        self._server = None
        self._writers = set()
        self._tasks = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.port = 0

    async def open(self):
        """Accept connections, at the same port as before if there was one."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self):
        """Refuse connections and drop those that are open."""
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def freeze(self):
        """Accept connections and forward nothing."""
        self._flows.clear()

    def thaw(self):
        """Forward again."""
        self._flows.set()

    async def close(self):
        await self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _forward(self, reader, writer):
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._writers |= {writer, far_writer}
            pumps = [asyncio.create_task(self._pump(*ends)) for ends in ((reader, far_writer), (far_reader, writer))]
            self._tasks |= set(pumps)
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for end in (writer, far_writer):
                end.close()
            self._writers -= {writer, far_writer}

    async def _pump(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
