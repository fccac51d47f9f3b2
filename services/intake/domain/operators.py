"""The operator of a report: identified by its credit code where that is valid, else by name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from services.intake.domain.report import Operator
from shared.identifiers import canonical_uscc
from shared.names import fold_name, strip_invisible

PROVISIONAL = "N-"
SOLE_TRADER = "(个体工商户)"
_AROUND_CODE = re.compile(
    r"^(?:T?\(|\[|<|【)|^.{0,12}?(?:代码|uscc|证号|编号)[:号为是]*|\((?:\d+-\d+|正本|副本|.{0,6})\)$",
    re.IGNORECASE,
)
_SIGNS_BEHIND = "]>】.。,，;；/*_|"
_DASHES = re.compile("[‐‑‒–—―−_.]")
# GB 32100 leaves these letters out, for what they look like.
_NO_LETTERS = str.maketrans("OIZS", "0125")
_GUARDS = re.compile("[\\s='\"‘’“”`]+")


class OperatorIdentity(NamedTuple):
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

    Exporters put signs around a code so that spreadsheets keep it as text: `="9131…"`, `'9131…`, tabs; they are dropped, and
    what people write before it (`统一社会信用代码：`), behind it (`（1-1）`, `（正本）`) and within. Letters that no code
    has are the digits that they look like, where the check character agrees.
    """
    plain = _GUARDS.sub("", strip_invisible(unicodedata.normalize("NFKC", text)))
    bare = _DASHES.sub("", _AROUND_CODE.sub("", plain.rstrip(_SIGNS_BEHIND)).rstrip(")"))
    return canonical_uscc(plain) or canonical_uscc(bare) or canonical_uscc(bare.upper().translate(_NO_LETTERS))


def name_key(name: str) -> str:
    """Return the comparable name, by which an operator without a credit code is known.

    What an individual business writes behind its name where it could be taken for an enterprise's is left out by who complains.
    """
    folded = fold_name(name)
    return folded.removesuffix(SOLE_TRADER) or folded


@lru_cache(maxsize=16_384)
def provisional_key(name: str) -> str:
    """Return the operator key of a comparable name that no known operator holds alone."""
    return PROVISIONAL + hashlib.sha256(name.encode()).hexdigest()[:16]


class NameClaims(NamedTuple):
    """The credit codes that claim a name, and what a person decided: one of them, or empty for none of them."""

    claimed_by: tuple[str, ...]
    assigned_to: str | None = None

    @property
    def is_contested(self) -> bool:
        """Whether several codes claim the name and nobody has decided yet."""
        return len(self.claimed_by) > 1 and self.assigned_to is None

    @property
    def operator(self) -> str | None:
        """The credit code that the name stands for, if any."""
        if self.assigned_to is not None:
            return self.assigned_to or None
        return self.claimed_by[0] if len(self.claimed_by) == 1 else None


def operator_key(identity: OperatorIdentity, by_name: Mapping[str, str | None]) -> str:
    """Return the key of the operator; `by_name` are the credit codes that comparable names stand for."""
    return identity.uscc or by_name.get(identity.name_key) or provisional_key(identity.name_key)
