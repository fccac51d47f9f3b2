"""Readiness probe of a service."""

from __future__ import annotations

import asyncio

TIMEOUT_S = 3.0
OK = 200


async def is_ready(host: str, port: int) -> bool:
    """Whether GET /readyz answers 200."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _get_status(host, port, "/readyz") == OK
    except (OSError, TimeoutError, ValueError, IndexError):
        return False


async def _get_status(host: str, port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
