"""Where the reader is: path, query and language, and the addresses that differ from it by one condition."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from shared.web.languages import HTML_LANG, LANGUAGES, OWN_NAMES, PARAMETER, Language, negotiate


@dataclass(frozen=True, slots=True)
class Here:
    """The address of the page being shown."""

    path: str
    query: tuple[tuple[str, str], ...]
    language: Language

    @classmethod
    def of(cls, request: Request) -> Here:
        """Return where `request` is."""
        return cls(request.url.path, tuple(request.query_params.multi_items()), negotiate(request))

    @property
    def languages(self) -> list[dict[str, str | bool]]:
        """The language switch: every language with its own name and this page's address in it."""
        return [
            {
                "code": HTML_LANG[language],
                "name": OWN_NAMES[language],
                "url": self.but(**{PARAMETER: language}),
                "current": language == self.language,
            }
            for language in LANGUAGES
        ]

    def but(self, **changes: str | int | None) -> str:
        """Return this page's address with some query parameters changed; None takes one away."""
        kept = [(name, value) for name, value in self.query if name not in changes]
        added = [(name, str(value)) for name, value in changes.items() if value is not None]
        query = urlencode(kept + added)
        return f"{self.path}?{query}" if query else self.path
