"""The committed contracts: schemas, golden examples, and what may not change."""

from copy import deepcopy

import orjson
import pytest
from asyncpg.pgproto import pgproto

from deploy.contracts import FOLDER, MESSAGES, find_stale_documents, to_committed_json
from shared.contracts import CATALOGUE, EVENTS, RulingMade
from shared.contracts.compatibility import find_breaking_changes

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 10},
        "state": {"enum": ["open", "closed"], "type": "string"},
        "amount": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "operator": {"$ref": "#/$defs/Operator"},
    },
    "$defs": {"Operator": {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}},
}


def with_properties(**properties):
    schema = deepcopy(SCHEMA)
    schema["properties"].update(properties)
    return schema


def without(name):
    schema = deepcopy(SCHEMA)
    del schema["properties"][name]
    return schema


def test_committed_documents_are_those_of_the_code():
    assert find_stale_documents() == []


@pytest.mark.parametrize("kind", MESSAGES)
def test_the_golden_example_reads_and_writes_the_same(kind):
    example = (FOLDER / "examples" / f"{kind}.json").read_bytes()

    event = MESSAGES[kind].model_validate_json(example)

    assert to_committed_json(event.model_dump(mode="json")) == example


@pytest.mark.parametrize("kind", [event.type for event in EVENTS])
def test_the_body_is_what_pydantic_writes(kind):
    event = MESSAGES[kind].model_validate_json((FOLDER / "examples" / f"{kind}.json").read_bytes())

    assert event.body() == event.model_dump_json().encode()


@pytest.mark.parametrize("kind", [event.type for event in EVENTS])
def test_a_reader_ignores_fields_of_newer_writers(kind):
    example = orjson.loads((FOLDER / "examples" / f"{kind}.json").read_bytes())

    event = MESSAGES[kind].model_validate_json(orjson.dumps({**example, "of_a_newer_version": {"a": 1}}))

    assert event.model_dump(mode="json") == example


def test_an_id_as_the_database_driver_gives_it_is_written():
    number = "018f3a5e-7c00-7000-8000-000000000001"
    example = orjson.loads((FOLDER / "examples" / "gongshi.ruling.made.v1.json").read_bytes())
    ruling = RulingMade.model_validate(example).model_copy(update={"ruling_id": pgproto.UUID(number)})

    assert orjson.loads(ruling.body())["ruling_id"] == number


def test_every_topic_of_a_service_has_events():
    assert {event.topic for event in EVENTS} == {topic.name for topic in CATALOGUE if topic.owner != "hotlines"}


def test_a_new_optional_field_is_no_breaking_change():
    assert find_breaking_changes(SCHEMA, with_properties(note={"type": "string"})) == []


def test_a_longer_text_is_no_breaking_change():
    assert find_breaking_changes(SCHEMA, with_properties(name={"type": "string", "maxLength": 20})) == []


@pytest.mark.parametrize(
    "new",
    [
        without("state"),
        {**SCHEMA, "required": ["name", "state"]},
        with_properties(name={"type": "integer"}),
        with_properties(name={"type": "string", "maxLength": 5}),
        with_properties(name={"type": "string", "maxLength": 10, "pattern": "^a"}),
        with_properties(state={"enum": ["open"], "type": "string"}),
        with_properties(amount={"type": "string"}),
        {**SCHEMA, "$defs": {"Operator": {"type": "object", "properties": {}, "required": []}}},
    ],
    ids=["gone", "required", "type", "shorter", "pattern", "enum", "not null", "nested"],
)
def test_breaking_changes_are_found(new):
    assert find_breaking_changes(SCHEMA, new)
