"""Every text of the pages has its English, and no English is left of texts that are gone."""

from __future__ import annotations

from pathlib import Path

from services.corrections.domain import ApplicationState, EvidenceFault, FilingFault, OtherFormat, ProposalFault, TrackingFault
from services.corrections.web import messages
from shared.web import catalogue

ROOT = Path(__file__).parents[3] / "services" / "corrections"


def test_every_text_has_its_english() -> None:
    assert catalogue.find_untranslated(ROOT) == []


def test_no_translation_is_left_of_a_removed_text() -> None:
    assert catalogue.find_unused(ROOT) == []


def test_every_code_has_words() -> None:
    assert set(messages.FILING) == set(FilingFault)
    assert set(messages.EVIDENCE) == {*EvidenceFault, *OtherFormat}
    assert set(messages.TRACKING) == set(TrackingFault)
    assert set(messages.PROPOSAL) == set(ProposalFault)
    assert set(messages.STATES) == set(ApplicationState)
