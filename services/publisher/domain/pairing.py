"""How a player becomes a registered screen: by a secret of its own, and the code that staff read off it.

The secret is made when the player first asks, and stays in its cookie. The code follows from the secret under the key of this
installation: nothing is stored of players that nobody pairs, and no other secret can be found for a code that stands on a wall.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

# 40 bits: read off a wall and typed, and only good for the player that shows it.
CODE_LENGTH = 8
# From the moment at which staff enter the code; the player asks again every 20 seconds.
PAIRING_DURATION = timedelta(minutes=10)
# What is easily taken for another is written alike.
_ALIKE = str.maketrans("01", "OI")
_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def pairing_code(secret: str, screen_id: str, key: bytes) -> str:
    """Return the code of a player's secret at one screen, such as `K7QM-2ZPA`, under the key of this installation."""
    digest = hmac.new(key, f"pairing.{screen_id}.{secret}".encode(), hashlib.sha256).digest()
    code = base64.b32encode(digest).decode()[:CODE_LENGTH]
    return f"{code[:4]}-{code[4:]}"


def parse_pairing_code(text: str) -> str | None:
    """Return a code as `pairing_code` writes it, whatever the case and the separators; None where the text is none."""
    code = "".join(text.upper().translate(_ALIKE).replace("-", " ").split())
    if len(code) != CODE_LENGTH or not _ALPHABET.issuperset(code):
        return None
    return f"{code[:4]}-{code[4:]}"
