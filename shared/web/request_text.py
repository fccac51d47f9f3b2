"""Rejection of addresses and forms that are not text: no handler and no database ever sees them."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.text import has_forbidden
from shared.web.i18n import Text, _
from shared.web.problems import respond_with_problem

UNREADABLE = _("地址中有无法识别的字符。请返回上一页重试，或者重新输入要查询的内容。")
FORM_CHARSET = _("表单的文字编码无法识别，请使用UTF-8编码提交。")

_FORM = re.compile(
    r"(?:multipart/form-data|application/x-www-form-urlencoded)\s*;.*charset\s*=\s*\"?([\w.:+-]+)", re.IGNORECASE
)
# Python decodes a form with whatever codec its sender names, some of which yield no text or raise.
_FORM_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


class RequestTextMiddleware:
    """Answers 400 to a path or query that is not UTF-8 or holds what no text may hold, 415 to a form in another charset.

    PostgreSQL stores neither NUL nor lone surrogates in text. Percent-encoded surrogates (CESU-8) and encodings of old
    Chinese sites (GBK) are not UTF-8; without this check they would be searched for as U+FFFD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        rejection = find_rejection(scope) if scope["type"] == "http" else None
        if rejection is None:
            await self._app(scope, receive, send)
            return
        status, code, detail = rejection
        await respond_with_problem(Request(scope), status, code, detail)(scope, receive, send)


def find_rejection(scope: Scope) -> tuple[HTTPStatus, str, Text] | None:
    """Return status, code and text of the response to a request that is not text, None for any other."""
    raw = (scope.get("raw_path") or scope["path"].encode(errors="surrogatepass")) + b"?" + scope["query_string"]
    if code := _find_fault(raw):
        return HTTPStatus.BAD_REQUEST, code, UNREADABLE
    content_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"").decode("latin-1")
    charset = _FORM.match(content_type)
    if charset and charset[1].lower() not in _FORM_CHARSETS:
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_charset", FORM_CHARSET
    return None


def _find_fault(raw: bytes) -> str | None:
    if b"%" not in raw and b"\0" not in raw and raw.isascii():
        return None
    octets = unquote_to_bytes(raw)
    if b"\0" in octets:
        return "nul_character"
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    return "forbidden_character" if has_forbidden(text) else None
