"""Seals of the journals: signed counts, heads and Merkle roots, and the proofs that somebody outside can check.

The hash chain of a journal shows that an entry was edited; it does not show that the newest entries are gone, nor that
somebody with all rights has computed the whole chain anew. A seal does: it is signed by a key that no service has, and copies
of it lie in a topic, in a file and with everybody who reads the open data.
"""

from shared.seals.journal_check import JournalCheck
from shared.seals.seal import InvalidSeal, SealingKey, find_seal_faults, verify_signature

__all__ = ["InvalidSeal", "JournalCheck", "SealingKey", "find_seal_faults", "verify_signature"]
