"""Sets documents in processes of their own, one at a time, each within its time; what was set is kept until room is needed."""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from datetime import datetime
from hashlib import sha256

import orjson
import structlog

from shared.documents.document import NoticeSheet, NotTypeset, OfficialDocument
from shared.documents.fonts import DocumentFonts
from shared.settings import Settings
from shared.web.allowance import Allowance

TIMEOUT_S = 20.0
# Who asks while so many wait is told to come again.
MAX_WAITING = 20
# Of them so many of one client.
MAX_OF_CLIENT = 4
CAPACITY_BYTES = 16 * 1024 * 1024
log = structlog.get_logger(__name__)


class PressBusy(Exception):
    """Too many documents are being set."""


class Press:
    """Sets documents; created in the composition root."""

    def __init__(self, settings: Settings, capacity: int = CAPACITY_BYTES) -> None:
        self._fonts = DocumentFonts.of(settings)
        self._capacity = capacity
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._turn = asyncio.Semaphore(1)
        self._places = Allowance(MAX_OF_CLIENT, MAX_WAITING)

    async def set(self, document: OfficialDocument | NoticeSheet, at: datetime, client: str = "") -> bytes:
        """Return the PDF of a document that a client asks for. Raises `NotTypeset`, `PressBusy`."""
        order = orjson.dumps(
            {
                "kind": "notice" if isinstance(document, NoticeSheet) else "official",
                "document": document.model_dump(mode="json"),
                "fonts": self._fonts.to_json(),
                "at": at.isoformat(),
            }
        )
        key = sha256(order).digest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if self._places.take(client):
            raise PressBusy
        try:
            async with self._turn:
                pdf = self._kept.get(key) or await _run(order)
        finally:
            self._places.give_back(client)
        self._keep(key, pdf)
        return pdf

    def _keep(self, key: bytes, pdf: bytes) -> None:
        if key in self._kept:
            return
        self._kept[key] = pdf
        self._size += len(pdf)
        while self._size > self._capacity:
            _oldest, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped)


async def _run(order: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.documents",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TIMEOUT_S):
            pdf, errors = await process.communicate(order)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        reason = errors.decode(errors="replace")[-500:]
        log.error("document_not_set", status=process.returncode, characters=len(order))
        raise NotTypeset(reason)
    return pdf
