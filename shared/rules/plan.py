"""The publication plan: what is to be public of each period, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from shared.contracts import PeriodKind
from shared.rules.cited import Reason, Text, TimeLimit


class PlanRule(Reason):
    """So many items of a kind for each period, published within a time from its last day; none: by its last day.

    `having`: only items whose content says this. Several in a period fall due in equal parts of it: of two in a year the
    first by the end of June.
    """

    kind: Text
    every: PeriodKind
    at_least: Annotated[int, Field(ge=1, le=12)] = 1
    within: TimeLimit | None = None
    having: Mapping[Text, Text] = Field(default_factory=dict)
