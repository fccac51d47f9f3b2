"""The address of the page being rendered: path, query and language, and addresses that differ in some query parameters."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from shared.web.languages import HTML_LANG, LANGUAGES, OWN_NAMES, PARAMETER, Language, negotiate_language
from shared.web.text_size import LARGE, USUAL, TextSize, negotiate_size
from shared.web.text_size import PARAMETER as SIZE


@dataclass(frozen=True, slots=True)
class PageAddress:
    """The address of the page being rendered."""

    path: str
    query: tuple[tuple[str, str], ...]
    language: Language
    size: TextSize = USUAL

    @classmethod
    def from_request(cls, request: Request) -> PageAddress:
        """Return the address of `request`."""
        return cls(
            request.url.path, tuple(request.query_params.multi_items()), negotiate_language(request), negotiate_size(request)
        )

    @property
    def languages(self) -> list[dict[str, str | bool]]:
        """The entries of the language switch: each language with its own name and this page's address in it."""
        return [
            {
                "code": HTML_LANG[language],
                "name": OWN_NAMES[language],
                "url": self.with_query(**{PARAMETER: language}),
                "current": language == self.language,
            }
            for language in LANGUAGES
        ]

    @property
    def other_size(self) -> str:
        """This page's address in the other size of text."""
        return self.with_query(**{SIZE: USUAL if self.size == LARGE else LARGE})

    def with_query(self, **changes: str | int | None) -> str:
        """Return this page's address with some query parameters replaced; None removes one."""
        unchanged = [(name, value) for name, value in self.query if name not in changes]
        replaced = [(name, str(value)) for name, value in changes.items() if value is not None]
        query = urlencode(unchanged + replaced)
        return f"{self.path}?{query}" if query else self.path
