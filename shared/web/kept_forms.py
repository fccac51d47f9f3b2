"""What was typed into a form whose session was over when it was sent: sealed for its person, who finds it again by signing in.

The box travels in the sign-in form and is stored nowhere. It is bound to a person and to the page of the form, holds for an
hour, and has texts only: files are named, to be chosen again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from shared.accounts.second_factor import key_file
from shared.errors import PermanentError
from shared.key_file import read_or_make_key
from shared.secret_box import OtherKey, SecretBox
from shared.settings import Settings
from shared.web.bodies import KIB

PURPOSE = "kept forms"
TERM = timedelta(hours=1)
# The longest form at a desk has some 20,000 characters, three bytes each; with its names.
MAX_TEXT = 128 * KIB
# In Base64, with nonce and tag.
MAX_BOX = 2 * MAX_TEXT


class TooLargeToKeep(PermanentError):
    """The texts of a form are longer than what is kept of one."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form as it was sent: to which path, its texts in order, and the names of its files."""

    action: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()


class FormBox:
    """Seals a form for a person and a page, and opens it again for the same ones."""

    def __init__(self, key: bytes) -> None:
        self._box = SecretBox(key, PURPOSE)

    @classmethod
    def load(cls, settings: Settings) -> FormBox:
        """Return the box under the key from which that of the second factors is derived, too. Raises `KeyTooShort`."""
        return cls(read_or_make_key(key_file(settings)))

    def seal(self, form: KeptForm, person: str, page: str, at: datetime) -> str:
        """Return the form sealed. Raises `TooLargeToKeep`."""
        text = json.dumps({"at": at.isoformat(), **asdict(form)}, ensure_ascii=False)
        if len(text.encode(errors="replace")) > MAX_TEXT:
            raise TooLargeToKeep
        return self._box.encrypt(text.encode(errors="replace").decode(), _context(person, page)).decode()

    def open(self, sealed: str, person: str, page: str, at: datetime) -> KeptForm | None:
        """Return the form; None of a box that is another person's or page's, over its term, or none of ours."""
        try:
            stored = json.loads(self._box.decrypt(sealed.encode(errors="replace"), _context(person, page)))
        except OtherKey:
            return None
        if not timedelta(0) <= at - datetime.fromisoformat(stored["at"]) <= TERM:
            return None
        return KeptForm(stored["action"], tuple((name, value) for name, value in stored["fields"]), tuple(stored["files"]))


def _context(person: str, page: str) -> str:
    return json.dumps([person, page])
