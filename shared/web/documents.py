"""Answers with a document as PDF, whichever service asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request, Response

from shared.documents.document import NoticeSheet, NotTypeset, OfficialDocument
from shared.documents.press import Press, PressBusy
from shared.web.allowance import client_key
from shared.web.i18n import _

PDF = "application/pdf"
RETRY_S = 5
NOT_SET = _("文件暂时不能生成，请稍后再试。")

# At the head of every page of a document while all data is invented.
DOCUMENT_MARK = "演示数据，均为虚构"


@dataclass(frozen=True, slots=True)
class ClientPress:
    """What sets the documents that a client asks for."""

    press: Press
    client: str

    async def set(self, document: OfficialDocument | NoticeSheet, at: datetime) -> bytes:
        """Return the PDF of a document. Raises `NotTypeset`, `PressBusy`."""
        return await self.press.set(document, at, self.client)


def get_press(request: Request) -> ClientPress:
    """Return what sets the documents of this service."""
    return ClientPress(request.app.state.press, client_key(request.scope.get("client")))


PressDep = Annotated[ClientPress, Depends(get_press)]


async def answer_with_pdf(
    press: ClientPress,
    document: OfficialDocument | NoticeSheet,
    at: datetime,
    name: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the PDF, to be shown in the browser; `name` is that of the file without its ending. 503 where it cannot be set."""
    try:
        pdf = await press.set(document, at)
    except (PressBusy, NotTypeset, TimeoutError):
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, NOT_SET, {"Retry-After": str(RETRY_S)}) from None
    shown = f"inline; filename=\"document.pdf\"; filename*=UTF-8''{quote(name)}.pdf"
    return Response(pdf, media_type=PDF, headers={**(headers or {}), "Content-Disposition": shown})
