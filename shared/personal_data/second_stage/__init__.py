"""The second stage of redaction: names and addresses that no pattern finds, by a model, before a person reads a text.

The model takes some ten milliseconds a text, so it is asked for the few texts that somebody will read, and never on the way in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.personal_data.normalization import normalize
from shared.personal_data.second_stage.addresses import address_spans, rest_spans
from shared.personal_data.second_stage.names import person_spans
from shared.personal_data.second_stage.segmenter import Segmenter, load_segmenter, split_clauses, split_words
from shared.personal_data.spans import replace_spans
from shared.personal_data.tokens import ADDRESS, NAME, Span

# What the first stage put in place of personal data, as a sign of the same length that ends a phrase.
_TOKEN = re.compile(r"\[[\u4e00-\u9fff]{2,5}\]")


@dataclass(frozen=True, slots=True)
class SecondStage:
    """The search for names and addresses. `public`: texts that are nobody's secret, as the name and address of the operator."""

    segmenter: Segmenter
    public: tuple[str, ...] = ()

    def find_spans(self, text: str) -> list[Span]:
        """Return (start, end, token) of names and addresses in a text that the first stage has been through."""
        form = normalize(text)
        masked = _TOKEN.sub(lambda match: "，" * len(match.group()), form.text)
        words = split_words(masked, self.segmenter)
        places = (*address_spans(masked, words), *rest_spans(form.text, words, ADDRESS))
        addresses = [(start, end, ADDRESS) for start, end in places]
        # A clause alone has other neighbours: what the model overlooks in a text it often finds there.
        clauses = split_clauses(masked, self.segmenter)
        persons = {*person_spans(masked, words), *person_spans(masked, clauses)}
        names = [(start, end, NAME) for start, end in persons]
        kept = _without(form.text, [*addresses, *names], self.public)
        return form.original_spans(kept)

    def redact(self, text: str) -> str:
        """Return the text without names and addresses."""
        return replace_spans(text, self.find_spans(text))


def load_second_stage(public: Iterable[str | None] = ()) -> SecondStage:
    """Return the search with the model of the package, which is loaded once."""
    return SecondStage(load_segmenter(), tuple(filter(None, public)))


def _without(text: str, spans: Sequence[Span], public: Iterable[str]) -> list[Span]:
    """Return the spans that do not lie within a public text."""
    places = [match.span() for words in public for match in re.finditer(re.escape(normalize(words).text), text)]
    return [span for span in spans if not any(first <= span[0] and span[1] <= last for first, last in places)]
