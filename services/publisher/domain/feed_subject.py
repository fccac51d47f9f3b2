"""What a feed is about: a board, or an operator, a region, an industry by its code; and its place in the site."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.contracts import Board
from shared.identifiers import canonical_uscc
from shared.reference import industries, regions

PATH = re.compile(
    r"/feeds/(?:(?P<kind>operators|regions|industries)/(?P<code>[0-9A-Z]{1,18})|(?P<board>[a-z]+))\.atom", re.ASCII
)


@dataclass(frozen=True, slots=True)
class FeedSubject:
    """`kind` is `board`, `operators`, `regions` or `industries`; `code` the board or the code."""

    kind: str
    code: str

    @property
    def name(self) -> str:
        """The part of path and id that tells it from others."""
        return self.code if self.kind == "board" else f"{self.kind}/{self.code}"

    @property
    def alternate(self) -> str:
        """The path of the page that shows the same, to people."""
        return {"board": f"/boards/{self.code}", "operators": f"/operators/{self.code}"}.get(self.kind, "/items")

    def path(self, before: int | None = None) -> str:
        """Return the path of a page of the feed."""
        return f"/feeds/{self.name}.atom" + ("" if before is None else f"?before={before}")


def find_subject(kind: str, code: str) -> FeedSubject | None:
    """Return the subject of a feed, None where there is none of this code. An operator needs to be public in nothing."""
    known = {
        "board": lambda: code in set(Board),
        "operators": lambda: canonical_uscc(code) == code,
        "regions": lambda: code in regions(),
        "industries": lambda: code in industries(),
    }
    return FeedSubject(kind, code) if kind in known and known[kind]() else None


def subject_of_path(path: str) -> FeedSubject | None:
    """Return what the feed at a path is about, None where there is no such feed."""
    match = PATH.fullmatch(path)
    if match is None:
        return None
    return find_subject(match["kind"] or "board", match["code"] or match["board"])
