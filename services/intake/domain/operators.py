"""The operator of a report: identified by its credit code where that is valid, else by name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.intake.domain.report import Operator
from shared.identifiers import canonical_uscc
from shared.names import fold_name, strip_invisible

PROVISIONAL = "N-"
_GUARDS = re.compile("[\\s='\"‘’“”`]+")


@dataclass(frozen=True, slots=True)
class OperatorIdentity:
    """What identifies an operator in a report: the comparable name, and the credit code in canonical form or None."""

    name_key: str
    uscc: str | None


def operator_identity(operator: Operator) -> OperatorIdentity:
    """Return the identity that a report gives its operator."""
    return _cached_identity(operator.name, operator.uscc)


@lru_cache(maxsize=16_384)
def _cached_identity(name: str, uscc: str | None) -> OperatorIdentity:
    return OperatorIdentity(name_key(name), parse_uscc(uscc) if uscc else None)


def parse_uscc(text: str) -> str | None:
    """Return the credit code in canonical form, or None where it is not valid.

    Exporters put signs around a code so that spreadsheets keep it as text: `="9131…"`, `'9131…`, tabs; they are dropped.
    """
    return canonical_uscc(_GUARDS.sub("", strip_invisible(unicodedata.normalize("NFKC", text))))


def name_key(name: str) -> str:
    """Return the comparable name, by which an operator without a credit code is known."""
    return fold_name(name)


@lru_cache(maxsize=16_384)
def provisional_key(name: str) -> str:
    """Return the operator key of a comparable name that no known operator holds alone."""
    return PROVISIONAL + hashlib.sha256(name.encode()).hexdigest()[:16]


def sole_claimant(claimed_by: Sequence[str]) -> str | None:
    """Return the credit code that claims a name alone, else None."""
    return claimed_by[0] if len(claimed_by) == 1 else None


def operator_key(identity: OperatorIdentity, claimants: Mapping[str, str | None]) -> str:
    """Return the key of the operator; `claimants` are the sole claimants by comparable name."""
    return identity.uscc or claimants.get(identity.name_key) or provisional_key(identity.name_key)
