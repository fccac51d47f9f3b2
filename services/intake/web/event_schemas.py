"""JSON Schemas of `POST /intake/events` for its OpenAPI document: the events that it takes, the results that it returns."""

from __future__ import annotations

from typing import Any

from services.intake.content_types import BATCH, STRUCTURED
from services.intake.domain.report import StructuredReportEvent
from services.intake.event_batch import MAX_EVENTS

Schema = dict[str, Any]


def inline_references(schema: Any, definitions: Schema) -> Any:
    """Return a JSON Schema with its `$ref`s replaced by what they refer to: a part of a larger document has no `$defs`."""
    if isinstance(schema, list):
        return [inline_references(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inline_references(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: inline_references(value, definitions) for key, value in schema.items() if key != "$defs"}


def _event_schema() -> Schema:
    schema = StructuredReportEvent.model_json_schema()
    inlined: Schema = inline_references(schema, schema.get("$defs", {}))
    report = inlined["properties"]["data"]
    # What the contract's validator asks for beyond the types of the fields.
    report["anyOf"] = [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("title", "text")]
    return inlined


EVENT = _event_schema()
REQUEST_BODY: Schema = {
    "required": True,
    "description": "An event in structured mode, or a batch of events. In binary mode (`application/json`) the body is the"
    " event's data, and its attributes are headers: `ce-id`, `ce-source`, `ce-type`, `ce-specversion`.",
    "content": {
        STRUCTURED: {"schema": EVENT},
        BATCH: {"schema": {"type": "array", "maxItems": MAX_EVENTS, "items": EVENT}},
    },
}
_REASON: Schema = {
    "type": "object",
    "required": ["field", "code", "message"],
    "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
}
_RESULT: Schema = {
    "type": "object",
    "required": ["id", "status", "reasons"],
    "properties": {
        "id": {"type": ["string", "null"], "description": "Null where an event has no id that can be read."},
        "status": {"enum": ["accepted", "duplicate", "refused"]},
        "reasons": {"type": "array", "items": _REASON},
    },
}
RESULTS: Schema = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": _RESULT}},
}
