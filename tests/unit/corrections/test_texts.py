"""Every text of the pages has its English, and no English is left of texts that are gone."""

from __future__ import annotations

from pathlib import Path

from services.corrections.domain import EvidenceFault, FilingFault, ProposalFault, State
from services.corrections.web import texts
from shared.web import catalogue

ROOT = Path(__file__).parents[3] / "services" / "corrections"


def test_every_text_has_its_english() -> None:
    assert catalogue.untranslated(ROOT) == []


def test_no_english_is_left_of_texts_that_are_gone() -> None:
    assert catalogue.unused(ROOT) == []


def test_every_code_has_words() -> None:
    assert set(texts.FILING) == set(FilingFault)
    assert set(texts.EVIDENCE) == set(EvidenceFault)
    assert set(texts.PROPOSAL) == set(ProposalFault)
    assert set(texts.STATES) == set(State)
