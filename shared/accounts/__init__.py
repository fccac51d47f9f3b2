"""Accounts of desk staff and operators' users, and their sessions: the one schema that every service may read.

Identity is not the data of any one service, so it has a schema of its own (`accounts`); no service's figures, items or
complaints are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.front_door import open_door

if TYPE_CHECKING:
    from shared.accounts.attempts import Admission, Attempt, RefusedAddresses
    from shared.accounts.authentication import CodeRequired, SignedIn, TooManyAttempts, prove_password, sign_in
    from shared.accounts.password_queue import PasswordQueue, TooManyWaiting
    from shared.accounts.person import Person, Role
    from shared.accounts.store import (
        NO_SECOND_PROOF,
        RoleImmutable,
        act_in_session,
        add_person,
        close_session,
        display_names,
        fetch_colleagues,
        find_credentials,
        find_office,
        find_person_by_token,
        find_person_of_browser,
        open_proven_session,
        open_session,
        took_part,
    )

__all__ = [
    "NO_SECOND_PROOF",
    "Admission",
    "Attempt",
    "CodeRequired",
    "PasswordQueue",
    "Person",
    "RefusedAddresses",
    "Role",
    "RoleImmutable",
    "SignedIn",
    "TooManyAttempts",
    "TooManyWaiting",
    "act_in_session",
    "add_person",
    "close_session",
    "display_names",
    "fetch_colleagues",
    "find_credentials",
    "find_office",
    "find_person_by_token",
    "find_person_of_browser",
    "open_proven_session",
    "open_session",
    "prove_password",
    "sign_in",
    "took_part",
]

_MODULES = {
    "Admission": "attempts",
    "Attempt": "attempts",
    "CodeRequired": "authentication",
    "NO_SECOND_PROOF": "store",
    "PasswordQueue": "password_queue",
    "Person": "person",
    "RefusedAddresses": "attempts",
    "Role": "person",
    "RoleImmutable": "store",
    "SignedIn": "authentication",
    "TooManyAttempts": "authentication",
    "TooManyWaiting": "password_queue",
    "act_in_session": "store",
    "add_person": "store",
    "close_session": "store",
    "display_names": "store",
    "fetch_colleagues": "store",
    "find_credentials": "store",
    "find_office": "store",
    "find_person_by_token": "store",
    "find_person_of_browser": "store",
    "open_proven_session": "store",
    "open_session": "store",
    "prove_password": "authentication",
    "sign_in": "authentication",
    "took_part": "store",
}


def __getattr__(name: str) -> object:
    return open_door(__name__, _MODULES, name)
