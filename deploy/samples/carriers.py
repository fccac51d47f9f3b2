"""The four transports of sample sources: CloudEvents on Kafka (binary, structured), HTTP batches, and a CSV ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson

from deploy.samples import letters
from deploy.samples.emission import Carrier, Emission, Headers

REPORTED = "gongshi.complaint.reported.v1"
TYPE = REPORTED.encode()
JSON = b"application/json"
STRUCTURED = b"application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


def encode_event(carrier: Carrier, source: str, event_id: str, time: str, data: dict[str, Any]) -> tuple[Headers, bytes]:
    """Return headers and body that carry `data` as one event with `event_id` and `time` (RFC 3339)."""
    match carrier:
        case "kafka_binary":
            return binary_headers(source, event_id, time), orjson.dumps(data)
        case "kafka_structured":
            return [("content-type", STRUCTURED)], orjson.dumps(envelope(source, event_id, time, data))
        case "http_batch":
            return [], orjson.dumps(envelope(source, event_id, time, data))
        case "csv_row":
            return [], letters.row(data)


def binary_headers(source: str, event_id: str, time: str) -> Headers:
    """Return the headers of CloudEvents 1.0 in Kafka's binary mode."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", TYPE),
        ("ce_time", time.encode()),
        ("content-type", JSON),
    ]


def envelope(source: str, event_id: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the event in structured mode."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": REPORTED,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }


def record_key(source: str, external_id: str) -> bytes:
    """Return the key of a record on `gongshi.reports`: source and external id, so that revisions stay in order."""
    return f"{source}|{external_id}".encode()


def http_batches(emissions: Iterable[Emission], size: int = 50) -> Iterator[tuple[str, list[Emission], bytes]]:
    """Yield (source, its emissions, body) of batches of up to `size` events; emissions of other carriers are skipped."""
    posted = sorted((sent for sent in emissions if sent.carrier == "http_batch"), key=attrgetter("source"))
    for source, of_source in groupby(posted, key=attrgetter("source")):
        events = list(of_source)
        for start in range(0, len(events), size):
            chunk = events[start : start + size]
            yield source, chunk, b"[" + b",".join(sent.body for sent in chunk) + b"]"


def csv_file(emissions: Iterable[Emission], encoding: str = "gb18030") -> bytes:
    """Return the letter desk's ledger as a file with its heading; other carriers than `csv_row` are skipped."""
    rows = (sent.body for sent in emissions if sent.carrier == "csv_row")
    return b"".join((letters.line(letters.COLUMNS), *rows)).decode().encode(encoding)
