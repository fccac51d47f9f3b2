"""Writes the committed JSON Schemas and AsyncAPI documents, or checks that they are up to date.

A change that would break readers is never written: give the event a new type version instead.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
from pydantic import BaseModel

from shared.contracts import CATALOGUE, EVENTS, ComplaintReport
from shared.contracts.compatibility import breaking
from shared.settings import Settings
from shared.stream.asyncapi import describe
from shared.stream.broker import create_broker
from shared.stream.consumer import BatchConsumer
from shared.stream.subscription import Subscription

FOLDER = Path(__file__).parent.parent / "shared" / "contracts"
MESSAGES: dict[str, type[BaseModel]] = {ComplaintReport.type: ComplaintReport, **{event.type: event for event in EVENTS}}


def documents() -> Iterator[tuple[Path, bytes]]:
    """Yield every committed document and what it should hold today."""
    for kind, model in MESSAGES.items():
        yield FOLDER / "schemas" / f"{kind}.json", pretty(model.model_json_schema())
    for service in ("intake", "stats", "publisher", "corrections"):
        yield FOLDER / "asyncapi" / f"{service}.json", asyncapi(service)


def asyncapi(service: str) -> bytes:
    """Return the AsyncAPI document that the catalogue gives a service."""
    topics = [topic.name for topic in CATALOGUE if service in topic.consumers]
    consumers = [_listener(topic, service) for topic in topics]
    broker = create_broker(Settings(kafka_bootstrap_servers="localhost:9092"), service, consumers)
    return describe(service, broker).encode() + b"\n"


def _listener(topic: str, service: str) -> BatchConsumer:
    """Return a consumer that is only described, never started."""
    return BatchConsumer(Subscription(topic, _never, {}), None, service)  # type: ignore[arg-type]


def _never(_: object) -> None:
    raise AssertionError("a described consumer reads nothing")


def pretty(document: object) -> bytes:
    """Return a document as committed: sorted, indented, with a last newline."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def stale() -> list[str]:
    """Return what is wrong with the committed documents."""
    found = []
    for path, content in documents():
        committed = path.read_bytes() if path.exists() else b""
        if committed and path.parent.name == "schemas":
            found += [f"{path.name}: BREAKING {change}" for change in breaking(orjson.loads(committed), orjson.loads(content))]
        if committed != content:
            found.append(f"{path.name}: is not up to date, run `make contracts`")
    return found


def write() -> list[str]:
    """Write the documents, but none that would break a reader; return the breaking changes."""
    refused = []
    for path, content in documents():
        old = orjson.loads(path.read_bytes()) if path.exists() and path.parent.name == "schemas" else None
        changes = breaking(old, orjson.loads(content)) if old else []
        refused += [f"{path.name}: BREAKING {change}" for change in changes]
        if not changes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return refused


def main() -> int:
    """Check with `--check`, else write."""
    findings = stale() if "--check" in sys.argv[1:] else write()
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
