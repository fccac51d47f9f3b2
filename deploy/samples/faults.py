"""Malformed events as real sources send them now and then, by name; every one is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from deploy.samples.carriers import REPORTED, encode_event
from deploy.samples.emission import Carrier, Headers

Data = dict[str, Any]
HUGE = "同一句话反复粘贴。" * 4_000
DEPTH = 500


def _set(**changes: object) -> Callable[[Data], None]:
    return lambda data: data.update(changes)


def _drop_field(name: str) -> Callable[[Data], None]:
    return lambda data: data.pop(name)


def _drop_operator_name(data: Data) -> None:
    data["operator"]["name"] = None


def _nul(data: Data) -> None:
    data["text"] = f"{data['text']}\x00"


IN_DATA: dict[str, Callable[[Data], None]] = {
    "operator_without_name": _drop_operator_name,
    "status_missing": _drop_field("status"),
    "received_at_missing": _drop_field("received_at"),
    "kind_missing": _drop_field("kind"),
    "neither_title_nor_text": _set(title=None, text=None),
    "date_in_future": _set(received_at="2199-01-01T08:00:00+08:00"),
    "date_before_1990": _set(received_at="1989-12-31T08:00:00+08:00"),
    "date_without_offset": _set(received_at="2026/13/02 09:10"),
    "amount_negative": _set(amount="-100.00"),
    "amount_as_number": _set(amount=1299.5),
    "amount_in_words": _set(amount="一千二百元"),
    "status_unknown": _set(status="archived"),
    "channel_unknown": _set(channel="wechat"),
    "revision_as_text": _set(revision="2"),
    "revision_zero": _set(revision=0),
    "text_huge": _set(text=HUGE),
    "nul_character": _nul,
}
IN_ROW = ("status_unknown", "date_before_1990", "date_in_future", "date_without_offset", "amount_negative", "amount_in_words")
IN_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "json_truncated": lambda body: body[: len(body) * 2 // 3],
    "not_utf8": lambda body: body.decode().encode("gb18030"),
    "not_json": lambda body: b"<complaint>" + body[:40] + b"</complaint>",
    "nested_too_deep": lambda _: b'{"data":' * DEPTH + b"1" + b"}" * DEPTH,
    "body_empty": lambda _: b"",
    "data_not_an_object": lambda _: b"[]",
}
IN_HEADERS = ("id_missing", "type_missing", "type_unknown", "specversion_wrong")


def faults_for(carrier: Carrier) -> tuple[str, ...]:
    """Return the faults that `carrier` can carry without harm to its neighbours in a batch or file."""
    match carrier:
        case "kafka_binary":
            return (*IN_DATA, *IN_BYTES, *IN_HEADERS)
        case "kafka_structured":
            return (*IN_DATA, *IN_BYTES)
        case "http_batch":
            return tuple(IN_DATA)
        case "csv_row":
            return IN_ROW


def malformed_event(fault: str, carrier: Carrier, source: str, event_id: str, time: str, data: Data) -> tuple[Headers, bytes]:
    """Return headers and body of an event with `fault`, derived from valid `data`."""
    malformed = copy.deepcopy(data)
    if change := IN_DATA.get(fault):
        change(malformed)
    headers, body = encode_event(carrier, source, event_id, time, malformed)
    if fault in IN_HEADERS:
        return _spoil_headers(fault, headers), body
    return headers, _spoil_bytes(fault, body)


def _spoil_headers(fault: str, headers: Headers) -> Headers:
    changed = {
        "id_missing": ("ce_id", None),
        "type_missing": ("ce_type", None),
        "type_unknown": ("ce_type", REPORTED.replace("reported", "guessed").encode()),
        "specversion_wrong": ("ce_specversion", b"0.3"),
    }
    name, value = changed[fault]
    others = [header for header in headers if header[0] != name]
    return others if value is None else [*others, (name, value)]


def _spoil_bytes(fault: str, body: bytes) -> bytes:
    spoil = IN_BYTES.get(fault)
    return body if spoil is None else spoil(body)
