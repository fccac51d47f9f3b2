"""Accounts of desk staff and operators' users, and their sessions: the one schema that every service may read.

Identity is not the data of any one service, so it has a schema of its own (`accounts`); no service's figures, items or
complaints are in it.
"""

from shared.accounts.person import Person, Role
from shared.accounts.store import RoleFixed, add, close_session, open_session, person_of, sign_in

__all__ = ["Person", "Role", "RoleFixed", "add", "close_session", "open_session", "person_of", "sign_in"]
