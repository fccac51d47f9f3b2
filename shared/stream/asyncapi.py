"""The AsyncAPI 3 document of a service: channels and operations from FastStream, payloads from the contracts."""

from __future__ import annotations

from typing import Any

import orjson
from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI
from pydantic import BaseModel

from shared.contracts import EVENTS, ComplaintReport
from shared.contracts.topics import CATALOGUE, REPORTS

VERSION = "1.0.0"


def asyncapi_document(service: str, broker: KafkaBroker) -> str:
    """Return the document as JSON. FastStream sees raw records only, so message payloads are those of the catalogue."""
    for topic in CATALOGUE:
        if topic.owner == service:
            broker.publisher(topic.name, title=topic.name, description=topic.sentence, schema=dict[str, Any])
    specification = AsyncAPI(broker, title=f"gongshi {service}", version=VERSION, schema_version="3.0.0")
    document: dict[str, Any] = orjson.loads(specification.to_specification().to_json())
    _fill_payloads(document)
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode()


def _fill_payloads(document: dict[str, Any]) -> None:
    """Replace the raw payloads of each channel by the messages that its topic carries."""
    messages = document.setdefault("components", {}).setdefault("messages", {})
    messages.clear()
    document["components"].pop("schemas", None)
    document["servers"] = {}
    for name, channel in document["channels"].items():
        channel.pop("servers", None)
        payloads = [(model.type, model) for model in EVENTS if model.topic == channel["address"]]
        if channel["address"] == REPORTS:
            payloads = [(ComplaintReport.type, ComplaintReport)]  # type: ignore[list-item]
        channel["messages"] = {kind: {"$ref": f"#/components/messages/{kind}"} for kind, _ in payloads}
        for kind, model in payloads:
            schema = model.model_json_schema(ref_template=f"#/components/messages/{kind}/payload/$defs/{{model}}")
            messages[kind] = {"name": kind, "contentType": "application/json", "payload": schema, **_headers(model)}
        for operation in document["operations"].values():
            if operation["channel"]["$ref"] == f"#/channels/{name}":
                operation["messages"] = [{"$ref": f"#/channels/{name}/messages/{kind}"} for kind, _ in payloads]


def _headers(model: type[BaseModel]) -> dict[str, Any]:
    """Return the headers of an event beyond those of CloudEvents, as a part of its message."""
    described = getattr(model, "headers", {})
    if not described:
        return {}
    properties = {name: {"type": "string", "description": sentence} for name, sentence in described.items()}
    return {"headers": {"type": "object", "properties": properties}}
