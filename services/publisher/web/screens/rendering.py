"""Pages of screens: in the language that the screen is registered with, allowed in signage frames, never cached."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from services.publisher.web.dependencies import create_presenter
from services.publisher.web.screens.lease import IssuedLease
from shared.web.languages import HTML_LANG, Language
from shared.web.page_address import PageAddress
from shared.web.pages import get_pages
from shared.web.security_headers import content_security_policy


def render_screen(
    request: Request, language: Language, template: str, status: int = HTTPStatus.OK, lease: IssuedLease | None = None,
    **context: Any,
) -> Response:  # fmt: skip
    """Return a page of a screen; a page with a lease is covered by its style sheet at the end, whether a script runs or not."""
    pages = get_pages(request)
    style = f":root{{--lease:{lease.seconds if lease else 0}s}}"
    request.state.content_security_policy = content_security_policy(
        frame_ancestors=request.app.state.settings.screen_frame_ancestors, styles=(_source_hash(style),)
    )
    page_address = replace(PageAddress.from_request(request), language=language)
    html = pages.html(
        language, template, page_address=page_address, presenter=create_presenter(pages, language),
        lease=lease, lease_style=style, **context,
    )  # fmt: skip
    headers = {"Cache-Control": "no-store", "Content-Language": HTML_LANG[language]}
    return HTMLResponse(html, status, headers)


def _source_hash(source: str) -> str:
    """Return the hash of an inline style as a content security policy names it (CSP 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
