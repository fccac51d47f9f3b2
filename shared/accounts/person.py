"""A person with an account, and the roles there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; one role a person, so that two steps of the gate need two persons."""

    CLERK = "clerk"
    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    GATEKEEPER = "gatekeeper"
    OFFICER = "officer"
    OPERATOR = "operator"
    OPS = "ops"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    display_name: str
    role: Role
    has_second_factor: bool = False
