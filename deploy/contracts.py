"""Writes the committed JSON Schemas and AsyncAPI documents, or checks that they are up to date.

A change that would break readers is refused: give the event a new type version instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
from pydantic import BaseModel

from shared.contracts import CATALOGUE, EVENTS, ComplaintReport
from shared.contracts.compatibility import find_breaking_changes
from shared.settings import Settings
from shared.stream.asyncapi import asyncapi_document
from shared.stream.broker import create_broker
from shared.stream.consumer import BatchConsumer
from shared.stream.subscription import Subscription

FOLDER = Path(__file__).parent.parent / "shared" / "contracts"
MESSAGES: dict[str, type[BaseModel]] = {ComplaintReport.type: ComplaintReport, **{event.type: event for event in EVENTS}}


def render_documents() -> Iterator[tuple[Path, bytes]]:
    """Yield the path and the expected content of every committed document."""
    for kind, model in MESSAGES.items():
        yield FOLDER / "schemas" / f"{kind}.json", to_committed_json(model.model_json_schema())
    for service in ("intake", "stats", "publisher", "corrections"):
        yield FOLDER / "asyncapi" / f"{service}.json", asyncapi(service)


def asyncapi(service: str) -> bytes:
    """Return the AsyncAPI document of a service, derived from the topic catalogue."""
    topics = [topic.name for topic in CATALOGUE if service in topic.consumers]
    consumers = [_describe_only_consumer(topic, service) for topic in topics]
    broker = create_broker(Settings(kafka_bootstrap_servers="localhost:9092"), service, consumers)
    return asyncapi_document(service, broker).encode() + b"\n"


def _describe_only_consumer(topic: str, service: str) -> BatchConsumer:
    """Return a consumer that is described and never started."""
    return BatchConsumer(Subscription(topic, _never, {}), None, service)  # type: ignore[arg-type]


def _never(_: object) -> None:
    raise AssertionError("a described consumer reads nothing")


def to_committed_json(document: object) -> bytes:
    """Return a document as committed: sorted keys, indented, with a final newline."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def find_stale_documents() -> list[str]:
    """Return the faults of the committed documents."""
    found = []
    for path, content in render_documents():
        committed = path.read_bytes() if path.exists() else b""
        if committed and path.parent.name == "schemas":
            changes = find_breaking_changes(orjson.loads(committed), orjson.loads(content))
            found += [f"{path.name}: BREAKING {change}" for change in changes]
        if committed != content:
            found.append(f"{path.name}: is not up to date, run `make contracts`")
    return found


def write_documents() -> list[str]:
    """Write the documents except those that would break a reader; return the breaking changes."""
    refused = []
    for path, content in render_documents():
        old = orjson.loads(path.read_bytes()) if path.exists() and path.parent.name == "schemas" else None
        changes = find_breaking_changes(old, orjson.loads(content)) if old else []
        refused += [f"{path.name}: BREAKING {change}" for change in changes]
        if not changes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return refused


def main() -> int:
    """Check with `--check`, otherwise write."""
    findings = find_stale_documents() if "--check" in sys.argv[1:] else write_documents()
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
