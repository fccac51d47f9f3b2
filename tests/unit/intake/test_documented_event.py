"""The event that the README tells a hotline to send first is complete and is accepted as it stands."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import orjson

from services.intake.cloudevents import InvalidEvent, parse_structured
from services.intake.domain.validation import validate
from shared.reference import categories, industries, regions

ROOT = Path(__file__).parents[3]
EVENT = ROOT / "docs" / "examples" / "report-event.json"
DAY = datetime(2026, 11, 4, tzinfo=UTC)


def test_the_documented_event_has_no_findings() -> None:
    event = parse_structured(EVENT.read_bytes())

    assert not isinstance(event, InvalidEvent)
    assert validate(event, DAY) == ()


def test_the_documented_event_uses_codes_that_the_tables_know() -> None:
    data = orjson.loads(EVENT.read_bytes())["data"]

    assert data["region"] in regions()
    assert data["industry"] in industries()
    assert data["category"] in categories()


def test_the_documented_event_without_its_envelope_is_refused() -> None:
    data = orjson.dumps(orjson.loads(EVENT.read_bytes())["data"])

    assert isinstance(parse_structured(data), InvalidEvent)


def test_the_readme_names_the_event_and_its_source() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    source = orjson.loads(EVENT.read_bytes())["source"]

    assert "docs/examples/report-event.json" in readme
    assert re.search(rf"sources add {source}\b", readme)
