"""Recall of redaction over both stages on labelled texts, and how many companies and brands it leaves alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import orjson

from deploy.quality import invented_values as values
from deploy.quality import redaction_sentences as sentences
from deploy.quality import second_held_out
from deploy.quality.invented_people import HELD_OUT, TUNED, UNSEEN, Vocabulary, address, name
from deploy.quality.redaction_sentences import COMPANY
from shared.errors import PermanentError
from shared.personal_data import find_spans
from shared.personal_data.normalization import normalize
from shared.personal_data.second_stage import SecondStage
from shared.personal_data.spans import merge_spans, replace_spans
from shared.personal_data.tokens import Span

YEAR = 2026


class BadSet(PermanentError):
    """A file is no labelled set."""


class LabelledText(NamedTuple):
    """A text, and (start, end, type) of what must go; of type `company`, of what must stay."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


class Part(NamedTuple):
    """One part of the set: its sentences by type, its brands by sentence, its names and addresses, its ways to write numbers."""

    sentences: Mapping[str, Sequence[str]]
    brands: Mapping[str, str]
    vocabulary: Vocabulary
    makers: Mapping[str, values.Maker] = {}


PARTS = {
    "tuned": Part(sentences.TUNED, sentences.TUNED_BRANDS, TUNED),
    "held_out": Part(sentences.HELD_OUT, sentences.HELD_OUT_BRANDS, HELD_OUT),
    "held_out_2": Part(second_held_out.SENTENCES, second_held_out.BRANDS, second_held_out.PEOPLE, second_held_out.MAKERS),
    "unseen": Part(sentences.UNSEEN, sentences.UNSEEN_BRANDS, UNSEEN),
}
_MAKERS: Mapping[str, values.Maker] = {
    "phone": values.mobile, "landline": values.landline, "id_number": values.identity, "permit": values.permit, "passport": values.passport,
    "card": values.card, "plate": values.plate, "mail": values.mail, "wechat": values.account, "qq": values.qq, "order": values.order,
    "tracking": values.tracking,
}  # fmt: skip


def labelled_texts(part: Part, seed: int, count: int) -> Iterator[LabelledText]:
    """Yield texts of some sentences each: two with personal data of the types in turn, often a brand, and others."""
    rng = random.Random(seed)
    makers: dict[str, values.Maker] = {
        **_MAKERS,
        **part.makers,
        "name": partial(name, words=part.vocabulary),
        "address": partial(address, words=part.vocabulary),
    }
    # Names and addresses have the most forms: they stand in every other text.
    turns = [kind for each in _MAKERS for kind in (each, rng.choice(("name", "address")))]
    for number in range(count):
        kinds = (turns[number % len(turns)], ("name", "address")[number % 2])
        pieces = [_labelled(rng.choice(part.sentences[kind]), makers[kind](rng), kind) for kind in kinds]
        if rng.random() < 0.6:
            sentence = rng.choice(list(part.brands))
            start = sentence.index(part.brands[sentence])
            pieces.append(LabelledText(sentence, ((start, start + len(part.brands[sentence]), COMPANY),)))
        pieces += [LabelledText(each, ()) for each in rng.sample(sentences.FILLERS, rng.randrange(1, 3))]
        rng.shuffle(pieces)
        yield _joined(pieces)


def _labelled(sentence: str, words: str, kind: str) -> LabelledText:
    start = sentence.index("{}")
    return LabelledText(sentence.replace("{}", words), ((start, start + len(words), kind),))


def _joined(pieces: Sequence[LabelledText]) -> LabelledText:
    text, spans = "", list[tuple[int, int, str]]()
    for piece in pieces:
        spans += [(start + len(text), end + len(text), kind) for start, end, kind in piece.spans]
        text += piece.text
    return LabelledText(text, tuple(spans))


@dataclass
class RedactionQuality:
    """Counts by type: how many there were, and how many went or, of companies, stayed whole."""

    total: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def interval(self, kind: str) -> tuple[float, float]:
        """Return the bounds of the share at 95 % by Wilson's score."""
        total, share, width = self.total[kind], self.right[kind] / self.total[kind], 1.96
        middle = share + width**2 / (2 * total)
        spread = width * sqrt(share * (1 - share) / total + width**2 / (4 * total**2))
        return (middle - spread) / (1 + width**2 / total), (middle + spread) / (1 + width**2 / total)

    def to_json(self) -> dict[str, object]:
        """Return recall by type, the share of companies left alone, and the counts behind them."""
        shares = {kind: round(self.right[kind] / count, 4) for kind, count in sorted(self.total.items())}
        return {
            "recall": {kind: share for kind, share in shares.items() if kind != COMPANY},
            "kept": {kind: share for kind, share in shares.items() if kind == COMPANY},
            "counts": dict(sorted(self.total.items())),
        }


def read_labelled_texts(path: Path) -> Iterator[LabelledText]:
    """Yield the texts of a file of JSON lines. Raises `BadSet` with the number of the first line that is none."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
                text = row["text"]
                spans = tuple((int(start), int(end), str(kind)) for start, end, kind in row["spans"])
            except (ValueError, KeyError, TypeError) as error:
                raise BadSet(f"line {number} is no text with spans: {type(error).__name__}") from error
            if not isinstance(text, str) or any(not 0 <= start < end <= len(text) for start, end, _ in spans):
                raise BadSet(f"line {number}: a span does not lie within its text")
            yield LabelledText(text, spans)


Missed = Callable[[LabelledText, tuple[int, int, str]], None]


def measure(texts: Iterable[LabelledText], stage: SecondStage, missed: Missed = lambda _, __: None) -> RedactionQuality:
    """Return what both stages find in the texts, one after the other as in the running system; `missed` is told the rest."""
    quality = RedactionQuality()
    for each in texts:
        gone = redacted_characters(each.text, stage)
        for span in each.spans:
            start, end, kind = span
            quality.total[kind] += 1
            touched = [place in gone for place in range(start, end) if each.text[place].isalnum()]
            is_right = not any(touched) if kind == COMPANY else all(touched)
            quality.right[kind] += is_right
            if not is_right:
                missed(each, span)
    return quality


def redacted_characters(text: str, stage: SecondStage) -> set[int]:
    """Return the positions in a text that either stage replaces."""
    form = normalize(text)
    first = form.original_spans(find_spans(form.text, YEAR))
    between, places = _replaced(text, first)
    gone = {place for start, end, _ in first for place in range(start, end)}
    for start, end, _ in stage.find_spans(between):
        gone |= {place for at in range(start, end) if (place := places[at]) is not None}
    return gone


def _replaced(text: str, spans: list[Span]) -> tuple[str, list[int | None]]:
    """Return the text after the first stage, and where each of its characters stood; None within a token."""
    places: list[int | None] = []
    position = 0
    for start, end, token in merge_spans(spans):
        places += [*range(position, start), *[None] * len(token)]
        position = end
    return replace_spans(text, spans), [*places, *range(position, len(text))]
