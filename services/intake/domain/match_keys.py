"""What a report is compared with others by and nobody can read back: keyed digests of phones, identity, name, references.

The numbers themselves are stored nowhere. A digest is a MAC (keyed BLAKE2b, RFC 7693) of 8 bytes under a key in a file: who has
the database alone can try no numbers out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from hashlib import blake2b
from struct import Struct
from typing import NamedTuple

from services.intake.domain.report import ComplainantFields, Report
from services.intake.redaction.names_in_field import PLACEHOLDERS
from shared.han_variants import VARIANTS
from shared.names import fold_name
from shared.personal_data.normalization import normalize

NONE = 0
MAX_PHONES = MAX_REFERENCES = 2
IDENTITY_LENGTH = 18
# Of BLAKE2b.
MAX_KEY_BYTES = 64
MIN_DIGITS, MIN_IDENTITY, MIN_DISTINCT = 7, 7, 3
# Numbers that clerks type where there is none.
_FILLERS = frozenset({"13800138000", "13800000000", "12345678901", "13888888888", "13900000000", "18888888888"})
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_BETWEEN = re.compile(r"[、,，;；/|]|或者?|和")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x).*$|(?<=[0-9]{7})\s*-\s*[0-9]{1,5}$", re.IGNORECASE)
_NO_DIGIT, _NO_LETTER = re.compile(r"[^0-9]+"), re.compile(r"[^0-9A-Z]+")
_COUNTRY = re.compile(r"^(?:00)?86(?=1[3-9][0-9]{9}$|0?[1-9][0-9]{8,10}$)")
_PLAIN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
_POLITE = ("先生", "女士", "小姐", "同志", "老师", "某", "*")
MIN_NAME = 2
_CUE = re.compile("[单编记理件求诉水]号")
_CITED = re.compile(
    r"(?:单|编|登记|受理|办件|诉求|投诉|信件|流水)号码?\s*[为是:：(（]?\s*"
    r"([0-9A-Za-z][0-9A-Za-z-]{7,31})"
)
_PACKED = Struct("<16s6q")


class MatchKeys(NamedTuple):
    """The digests of one report; 0 where it names nothing of the kind.

    `phones` and `cited` (numbers that its text cites: orders, work orders of other systems) hold at most two each.
    """

    phones: tuple[int, int] = (NONE, NONE)
    identity: int = NONE
    name: int = NONE
    cited: tuple[int, int] = (NONE, NONE)

    @property
    def is_empty(self) -> bool:
        """Whether the report names nobody and cites nothing."""
        return not any((*self.phones, self.identity, self.name, *self.cited))

    def persons(self) -> set[int]:
        """Return the digests of the numbers that stand for a person."""
        return {key for key in (*self.phones, self.identity) if key}


NO_KEYS = MatchKeys()


class MatchKeyMaker:
    """Makes digests under one key, which is read when the first is made."""

    def __init__(self, read_key: Callable[[], bytes]) -> None:
        self._read_key = read_key

    @cached_property
    def _digest(self) -> Callable[..., blake2b]:
        return partial(blake2b, digest_size=8, key=self._read_key()[:MAX_KEY_BYTES])

    def of_report(self, report: Report) -> MatchKeys:
        """Return the digests of a report as it was sent."""
        complainant = report.complainant
        first, second = self._phones(complainant)
        cited = self._cited(report.text, report.title)
        return MatchKeys((first, second), self._identity(complainant.id_number), self._name(complainant.name), cited)

    def of_reference(self, number: str) -> int:
        """Return the digest of a number that a text may cite; 0 where it is too short to tell."""
        bare = _NO_LETTER.sub("", number.upper())
        return self._mac(b"reference", bare) if len(bare) >= MIN_DIGITS else NONE

    def _mac(self, kind: bytes, words: str) -> int:
        return int.from_bytes(self._digest(words.encode(), person=kind).digest(), "little", signed=True)

    def _phones(self, complainant: ComplainantFields) -> tuple[int, int]:
        phone = complainant.phone
        if not phone:
            return NONE, NONE
        if _MOBILE.fullmatch(phone) and len(set(phone)) >= MIN_DISTINCT and phone not in _FILLERS:
            return self._mac(b"phone", phone), NONE
        found = [self._mac(b"phone", number) for number in dict.fromkeys(_numbers(phone))][:MAX_PHONES]
        return (*found, NONE, NONE)[:2]  # type: ignore[return-value]

    def _identity(self, id_number: str | None) -> int:
        """Return the digest of an identity number; that of 18 digits is the one of its older form of 15."""
        if not id_number:
            return NONE
        bare = _NO_LETTER.sub("", normalize(id_number).text.upper())
        if len(bare) < MIN_IDENTITY or len(set(bare)) < MIN_DISTINCT:
            return NONE
        return self._mac(b"identity", bare[:6] + bare[8:17] if len(bare) == IDENTITY_LENGTH else bare)

    def _name(self, name: str | None) -> int:
        if not name:
            return NONE
        folded = name.translate(VARIANTS) if _PLAIN_NAME.fullmatch(name) else fold_name(name)
        if len(folded) < MIN_NAME or folded in PLACEHOLDERS or folded.endswith(_POLITE):
            return NONE
        return self._mac(b"name", folded)

    def _cited(self, *texts: str | None) -> tuple[int, int]:
        found: dict[int, None] = {}
        for text in texts:
            if text and "号" in text and _CUE.search(text):
                found |= dict.fromkeys(key for number in _CITED.findall(text) if (key := self.of_reference(number)))
        return (*list(found)[:MAX_REFERENCES], NONE, NONE)[:2]  # type: ignore[return-value]


def _numbers(field: str) -> Iterator[str]:
    """Yield the telephone numbers of a field, digits only, without country code and extension."""
    for part in _BETWEEN.split(normalize(field).text):
        digits = _COUNTRY.sub("", _NO_DIGIT.sub("", _EXTENSION.sub("", part.strip())))
        if len(digits) >= MIN_DIGITS and len(set(digits)) >= MIN_DISTINCT and digits not in _FILLERS:
            yield digits


def pack_keys(complaint_id: bytes, keys: MatchKeys) -> bytes:
    """Return the id of a complaint (16 bytes) with its digests, 64 bytes."""
    return _PACKED.pack(complaint_id, *keys.phones, keys.identity, keys.name, *keys.cited)


def unpack_keys(packed: bytes) -> Iterator[tuple[bytes, MatchKeys]]:
    """Yield the ids and digests of what was packed one behind the other."""
    for complaint_id, first, second, identity, name, cited, also_cited in _PACKED.iter_unpack(packed):
        yield complaint_id, MatchKeys((first, second), identity, name, (cited, also_cited))
