"""The encoding of a text file, found over the whole of it, and decoding that marks damage instead of making it up.

Bytes that are no character of the encoding become lone surrogates (PEP 383), from which the bytes come back exactly. GB18030
finds them wherever a run of two-byte characters has lost a half; in the rest of the run it pairs wrong halves, so a text with a
surrogate in it is wrong as a whole.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shared.tables.readers.private_use import standardize
from shared.tables.readers.sheets import FileUnreadable

SAMPLE = 64 * 1024
CHUNK = 256 * 1024
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
ERRORS = {
    "utf-8/gb18030": "surrogateescape",
    "utf-8": "surrogateescape",
    "utf-8-sig": "surrogateescape",
    "gb18030": "surrogateescape",
}

MIXED = "utf-8/gb18030"
"""What stands for the encoding of a file of which each line has its own."""

EURO_BYTE = "\udc80"
"""Windows' code page 936 has the euro sign in one byte, 0x80, which GB18030 does not know."""

_SURROGATES = re.compile("[\\ud800-\\udfff]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
# Nothing that is written in Chinese has characters of these ranges: their bytes were halves of two others.
_PRIVATE = re.compile("[\\ue000-\\uf8ff\\ufffd]|锟斤拷")
_BEFORE_LETTER = re.compile(r"([^\x00-\x7f])(?=[0-9A-Za-z])")
# What a misread text was read as, and what it is in truth. Four characters are no accident.
_MISREAD_AS_HANZI = (("gb18030", "utf-8"),)
_MISREAD_AS_LATIN = (("cp1252", "utf-8"), ("latin-1", "utf-8"), ("latin-1", "gb2312"))
_HANZI = re.compile("[\\u4e00-\\u9fff]")
_LEAST_HANZI = 4
_LEAST_CHARACTERS = 20
_ENOUGH_CHARACTERS = 10_000
_LEAST_ASCII = 0.02
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]")
_MOST_CONTROL = 0.02
# NUL, with which programs fill up fields of a fixed width; of other files much is NUL.
_MOST_FILLING = 0.3
_MOST_RARE = 0.3
_FEW_RARE = 0.1
# Rows of GB 2312 by their first byte: punctuation and full-width forms, and the 3,755 characters of the first level.
_FREQUENT = frozenset((*range(0xA1, 0xA4), *range(0xB0, 0xD8)))
_MOST_FREQUENT = 0.75
_FOREIGN_LETTER = re.compile("[\u0080-\u00a1\u00a8-\u00af\u00b2-\u00b6\u00b8-\u00d6\u00d8-\u1fff]")


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """How to decode a file, and how many lines it has."""

    name: str
    lines: int

    @property
    def errors(self) -> str:
        """The error handler of the codec."""
        return ERRORS.get(self.name, "replace")

    def encode(self, text: str) -> bytes:
        """Return the bytes that were decoded to `text`, without a byte order mark."""
        name = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le", MIXED: "utf-8"}.get(self.name, self.name)
        return text.encode(name, self.errors)


@dataclass(slots=True)
class _Count:
    """What decoding with one encoding gave: characters beyond ASCII, and bytes that are none."""

    characters: int = 0
    damaged: int = 0


def is_damaged(text: str, encoding: str = "utf-8") -> bool:
    """Return whether a text has lost characters on its way, or is made of halves of them."""
    if text.isascii():
        return False
    if _SURROGATES.search(text) or _PRIVATE.search(standardize(text)):
        return True
    return encoding == "gb18030" and _has_half_before_letter(text)


def is_misread(text: str) -> bool:
    """Return whether a text is Chinese in UTF-8 or GBK that a program read in another encoding and saved as what it saw."""
    if text.isascii():
        return False
    # Hanzi are what GB18030 shows of anything; where there are none, it was an encoding of Latin letters.
    for written, read in _MISREAD_AS_HANZI if max(text) >= "\u2e80" else _MISREAD_AS_LATIN:
        try:
            original = text.encode(written).decode(read)
        except UnicodeError:
            continue
        if len(_HANZI.findall(original)) >= _LEAST_HANZI:
            return True
    return False


def _has_half_before_letter(text: str) -> bool:
    """Return whether a character's first half has swallowed the letter or digit behind it.

    Such a pair is one of GBK's rare characters; those are written in names too, but hardly ever before Latin letters.
    """
    for match in _BEFORE_LETTER.finditer(text):
        pair = match.group(1).encode("gb18030", "ignore")
        if len(pair) == 2 and pair[1] < 0x80:  # noqa: PLR2004  # a trail byte that is ASCII
            return True
    return False


def detect_encoding(path: Path) -> TextEncoding:
    """Return the encoding in which a file has fewest damaged characters. Raises `FileUnreadable` where it fits none.

    A byte order mark decides; NUL bytes are those of UTF-16. A file is UTF-8 where more of it is well-formed than not: of GBK
    next to nothing is, so that a damaged character of UTF-8 does not turn the whole file into another encoding's nonsense.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    name = next((name for mark, name in MARKS if sample.startswith(mark)), None)
    if name is None or (name == "utf-8-sig" and _is_marked_wrongly(sample)):
        name = _utf16(sample.rstrip(b"\x00")) or _utf8_or_gb18030(path)
    return TextEncoding(name, _count_lines(path))


def detect_line_encodings(path: Path) -> TextEncoding:
    """Return the encoding of a text file; `MIXED` of one that was put together of lines in UTF-8 and others in GB18030.

    Raises `FileUnreadable` where it fits none.
    """
    return TextEncoding(MIXED, _count_lines(path)) if _is_mixed(path) else detect_encoding(path)


def _is_mixed(path: Path) -> bool:
    with path.open("rb") as file:
        sample = file.read(CHUNK)
    if b"\x00" in sample:
        return False
    lines = [line for line in sample[: sample.rfind(b"\n") + 1].splitlines() if not line.isascii()]
    in_utf8 = sum(_is_utf8_line(line) for line in lines)
    in_gb = sum(map(is_gb_line, lines))
    return in_utf8 > 0 < in_gb and in_utf8 + in_gb == len(lines)


def decode_line(line: bytes) -> str:
    """Return a line of such a file."""
    return line.decode() if _is_utf8_line(line) else line.decode("gb18030", "surrogateescape")


def _is_utf8_line(line: bytes) -> bool:
    """Return whether a line is UTF-8. Two or three characters of GBK may be by chance, but no Chinese then."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    return not _FOREIGN_LETTER.search(text)


def is_gb_line(line: bytes) -> bool:
    """Return whether a line is GB18030 and no UTF-8, nearly all of it of the characters that people write.

    A line of UTF-8 that has lost a byte may be GBK by chance; of such pairs a third at least are no frequent characters.
    """
    if line.isascii() or _is_utf8_line(line):
        return False
    try:
        characters = _NON_ASCII.findall(line.decode("gb18030"))
    except UnicodeDecodeError:
        return False
    leads = [(character.encode("gb2312", "ignore") or b"\x00")[0] for character in characters]
    frequent = sum(lead in _FREQUENT for lead in leads)
    return leads.count(0) <= _FEW_RARE * len(leads) and frequent >= _MOST_FREQUENT * len(leads)


def _is_marked_wrongly(sample: bytes) -> bool:
    """Return whether a text with the mark of UTF-8 is none: next to nothing of it is well-formed."""
    text = sample.decode("utf-8-sig", "surrogateescape")
    damaged = len(_SURROGATES.findall(text))
    return damaged > len(text.encode("utf-8", "ignore").decode()) - len(text.encode("ascii", "ignore"))


def _utf16(sample: bytes) -> str | None:
    """Return the UTF-16 whose ASCII characters have their NUL bytes where the sample has them; None of other encodings."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 8 > max(even, odd) or max(even, odd) < _LEAST_ASCII * len(sample):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _utf8_or_gb18030(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(SAMPLE).rstrip(b"\x00")
    is_filled_up = sample.count(0) > _MOST_FILLING * len(sample)
    if is_filled_up or len(_CONTROL.findall(sample)) > _MOST_CONTROL * len(sample):
        raise FileUnreadable("no_text", file=path.name)
    utf8 = _count(path, "utf-8")
    if utf8.damaged == 0 or utf8.characters > utf8.damaged:
        return "utf-8"
    gb18030 = _count(path, "gb18030")
    if gb18030.damaged > max(gb18030.characters, _LEAST_CHARACTERS) or _is_mostly_rare(path):
        raise FileUnreadable("unknown_encoding", file=path.name)
    return "gb18030"


def _count(path: Path, name: str) -> _Count:
    """Count over the file until there is enough to judge by; over all of it where it is next to ASCII."""
    count = _Count()
    for text in decode_chunks(path, name):
        if not text.isascii():
            sound = len(text.encode("utf-8", "ignore").decode())
            count.characters += sound - len(text.encode("ascii", "ignore"))
            count.damaged += len(text) - sound
        if count.characters + count.damaged > _ENOUGH_CHARACTERS:
            break
    return count


def _count_lines(path: Path) -> int:
    lines = returns = 0
    with path.open("rb") as file:
        for chunk in iter(partial(file.read, CHUNK), b""):
            lines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
    return lines or returns


def decode_chunks(path: Path, name: str) -> Iterator[str]:
    """Yield the text of a file piece by piece."""
    decoder = codecs.getincrementaldecoder(name)(ERRORS.get(name, "replace"))
    with path.open("rb") as file:
        for chunk in iter(partial(file.read, CHUNK), b""):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _is_mostly_rare(path: Path) -> bool:
    """Return whether a text in GB18030 is full of characters that hardly anybody writes, as Big5 read wrongly is."""
    characters = _NON_ASCII.findall(next(decode_chunks(path, "gb18030")))[:_ENOUGH_CHARACTERS]
    rare = sum(not character.encode("gb2312", "ignore") for character in characters)
    return len(characters) >= _LEAST_CHARACTERS and rare > _MOST_RARE * len(characters)
