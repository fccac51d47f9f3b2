"""A visitor of the pages as a browser without script: loads a page, fills in a form, submits it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import httpx2

from deploy.demo.forms import Form, parse_forms
from shared.errors import PermanentError

PAGE = {"Accept": "text/html", "Accept-Language": "zh"}
TIMEOUT_S = 60.0

Files = Sequence[tuple[str, tuple[str, bytes, str]]]


class UnexpectedAnswer(PermanentError):
    """A page did not answer as expected."""


class Visitor:
    """One browser session: keeps cookies, follows redirects."""

    def __init__(self, **bases: str) -> None:
        self._bases = bases
        self._client = httpx2.AsyncClient(headers=PAGE, follow_redirects=True, timeout=TIMEOUT_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._client.aclose()

    async def page(self, service: str, path: str, expect: int = 200) -> str:
        """Return a page's HTML. Raises `UnexpectedAnswer` for another status."""
        return _require_status(await self._client.get(self._bases[service] + path), expect).text

    async def json(self, service: str, path: str, expect: int = 200, *, key: str | None = None) -> Any:
        """Return the JSON of a response; `key`: that of a program."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        response = await self._client.get(self._bases[service] + path, headers=headers)
        return _require_status(response, expect).json()

    async def form(self, service: str, path: str, action: str) -> Form:
        """Return the form of a page whose action has the prefix."""
        found = [form for form in parse_forms(await self.page(service, path)) if form.action.startswith(action)]
        if not found:
            raise UnexpectedAnswer(f"{path} has no form for {action}")
        return found[0]

    async def submit(self, service: str, form: Form, files: Files = (), **values: str | list[str]) -> httpx2.Response:
        """Submit a form with these values, and return the response."""
        data: dict[str, list[str]] = {}
        for name, value in form.fill(**values):
            data.setdefault(name, []).append(value)
        response = await self._client.post(self._bases[service] + form.action, data=data, files=list(files) or None)
        return _require_status(response, 200)

    async def sign_in(self, service: str, desk: str, name: str, password: str) -> None:
        """Sign in at a desk."""
        form = await self.form(service, f"{desk}/sign-in", f"{desk}/sign-in")
        await self.submit(service, form, name=name, password=password)


def _require_status(response: httpx2.Response, expect: int) -> httpx2.Response:
    if response.status_code != expect:
        raise UnexpectedAnswer(
            f"{response.request.method} {response.url} answered {response.status_code}: {response.text[:400]}"
        )
    return response
