"""Who the operator of a report is: by credit code where it is right, else by name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.contracts.reports import ReportedOperator
from shared.identifiers import valid_uscc

PROVISIONAL = "N-"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a report says of its operator. `uscc` is the valid credit code in canonical form, or None."""

    name_key: str
    uscc: str | None


def attribution(operator: ReportedOperator) -> Attribution:
    """Return what identifies the operator."""
    return _attribution(operator.name, operator.uscc)


@lru_cache(maxsize=16_384)
def _attribution(name: str, uscc: str | None) -> Attribution:
    return Attribution(name_key(name), credit_code(uscc) if uscc else None)


def credit_code(text: str) -> str | None:
    """Return the credit code as it is written in the register, or None where it is not one."""
    return valid_uscc(unicodedata.normalize("NFKC", text).strip().upper())


def name_key(name: str) -> str:
    """Return the name as it is compared: compatibility forms unified (full-width brackets too), no spaces, one case."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", name)).casefold()


@lru_cache(maxsize=16_384)
def provisional_key(name: str) -> str:
    """Return the operator key of a compared name that stands for nobody known."""
    return PROVISIONAL + hashlib.sha256(name.encode()).hexdigest()[:16]


def holder(claimed_by: Sequence[str]) -> str | None:
    """Return whom a name stands for: its only claimant."""
    return claimed_by[0] if len(claimed_by) == 1 else None


def operator_key(who: Attribution, holders: Mapping[str, str | None]) -> str:
    """Return the key of the operator, given whom each name stands for."""
    return who.uscc or holders.get(who.name_key) or provisional_key(who.name_key)
