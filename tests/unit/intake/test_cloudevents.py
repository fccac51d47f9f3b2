"""Events as the SDKs of CloudEvents write them: Base64 content, structured mode by any content type, header values."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.intake import event_batch
from services.intake.attributes import decode_attribute, raw_attributes
from services.intake.cloudevents import InvalidEvent, decode, parse_structured
from services.intake.domain.report import ReportEvent
from services.intake.event_batch import MAX_EVENTS, EnvelopeUnreadable, EventBatch, TooLarge
from services.intake.store.source_keys import Holder
from services.intake.web.event_request import parse_request
from shared.contracts.reports import REPORTED
from shared.stream import ReceivedEvent, RefusedRecord

SOURCE = "/hotlines/云州/12345"
REPORT = {
    "channel": "hotline_12345", "external_id": "SDK-7", "kind": "complaint", "received_at": "2026-10-05T08:15:00+08:00",
    "operator": {"name": "云州华彩照明有限公司"}, "text": "灯具保修期内拒绝维修。", "status": "received",
}  # fmt: skip
ENVELOPE = {"specversion": "1.0", "id": "7", "source": SOURCE, "type": REPORTED}
CONTENT = json.dumps(REPORT, ensure_ascii=False).encode()
STRUCTURED = {**ENVELOPE, "data": REPORT}
STRUCTURED_TYPE = ("content-type", b"application/cloudevents+json; charset=utf-8")


def to_json(event):
    return json.dumps(event, ensure_ascii=False).encode()


def in_base64(content=CONTENT, encode=base64.b64encode, **attributes):
    return to_json({**ENVELOPE, **attributes, "data_base64": encode(content).decode()})


def kafka_record(body, *headers):
    return ConsumerRecord("gongshi.reports", 0, 0, 0, 0, None, body, None, 0, 0, headers)


@pytest.mark.parametrize(
    "encode",
    [
        base64.b64encode,
        base64.urlsafe_b64encode,
        base64.encodebytes,
        lambda content: base64.b64encode(content).rstrip(b"="),
    ],
    ids=["standard", "alphabet of URLs", "lines", "no padding"],
)
def test_content_in_base64_is_decoded(encode):
    event = parse_structured(in_base64(encode=encode))

    assert isinstance(event, ReportEvent)
    assert (event.source, event.data.external_id, event.data.text) == (SOURCE, "SDK-7", "灯具保修期内拒绝维修。")


def test_content_in_base64_beside_empty_data_is_decoded():
    assert isinstance(parse_structured(in_base64(data=None, datacontenttype="application/json")), ReportEvent)


def test_content_in_base64_is_decoded_in_a_batch_beside_content_in_json():
    batch = EventBatch(b"[" + in_base64() + b"," + to_json(STRUCTURED) + b"," + in_base64(b"{") + b"]")

    assert [type(event) for event in batch.events] == [ReportEvent, ReportEvent, InvalidEvent]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 200_000])
def test_content_in_base64_that_is_no_json_is_a_finding_about_the_content(content):
    event = parse_structured(in_base64(content))

    assert isinstance(event, InvalidEvent)
    assert [(finding.field, finding.code) for finding in event.findings] == [("data_base64", "bad_base64")]


@pytest.mark.parametrize("text", ["*", "QUJ", "报告"])
def test_what_is_no_base64_is_a_finding(text):
    event = parse_structured(to_json({**ENVELOPE, "data_base64": text}))

    assert [(finding.field, finding.code) for finding in event.findings] == [("data_base64", "bad_base64")]


def test_findings_of_content_in_base64_name_its_fields():
    event = parse_structured(in_base64(json.dumps({**REPORT, "status": "lost"}).encode()))

    assert [(finding.field, finding.code) for finding in event.findings] == [("status", "unknown_value")]


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", b"application/json"),),
        (("content-type", b"application/json; charset=UTF-8"), ("traceparent", b"00-1-2-01")),
        (("Content-Type", b"application/cloudevents+json"),),
        (STRUCTURED_TYPE,),
        (("content-type", b'"application/cloudevents+json"'),),
        (("content-type", b"application/octet-stream"),),
        (("content-type", b"text/plain; charset=utf-8"),),
    ],
    ids=["no headers", "JSON", "JSON and a trace", "another case", "its own type", "quotes", "bytes", "text"],
)
@pytest.mark.parametrize("body", [to_json(STRUCTURED), in_base64()], ids=["JSON", "Base64"])
def test_a_record_without_context_in_its_headers_is_structured(headers, body):
    decoded = decode(kafka_record(body, *headers))

    assert isinstance(decoded, ReceivedEvent)
    assert decoded.event.data.external_id == "SDK-7"


@pytest.mark.parametrize(
    "write", [str.upper, str.title, lambda name: name.replace("_", "-")], ids=["upper", "title", "of HTTP"]
)
def test_headers_of_the_context_are_known_in_any_case(write):
    headers = [(write(f"ce_{name}"), value.encode()) for name, value in ENVELOPE.items()]

    assert isinstance(decode(kafka_record(CONTENT, *headers)), ReceivedEvent)


@pytest.mark.parametrize("charset", ["gbk", "GB18030", "utf-16", '"gb2312"'])
def test_a_body_in_a_declared_encoding_is_read(charset):
    body = to_json(STRUCTURED).decode().encode(charset.strip('"'))
    kind = f"application/cloudevents+json; charset={charset}"

    (event,) = parse_request({"content-type": kind}, body, Holder("/hotlines/云州")).events
    decoded = decode(kafka_record(body, ("content-type", kind.encode())))

    assert isinstance(event, ReportEvent)
    assert isinstance(decoded, ReceivedEvent)
    assert event.data.text == decoded.event.data.text == "灯具保修期内拒绝维修。"


def test_a_body_that_is_not_in_its_declared_encoding_is_read_as_utf8():
    event = decode(kafka_record(to_json(STRUCTURED) + b"\x00", ("content-type", b"application/cloudevents+json; charset=big5")))

    assert isinstance(event, ReceivedEvent)


def test_a_source_with_a_blank_does_not_fit_the_envelope():
    event = parse_structured(to_json({**STRUCTURED, "source": "/hot line"}))

    assert [(finding.field, finding.code) for finding in event.findings] == [("source", "envelope")]


def test_a_record_with_context_in_its_headers_is_binary_whatever_its_body_looks_like():
    headers = [(f"ce_{name}", value.encode()) for name, value in ENVELOPE.items()]

    assert isinstance(decode(kafka_record(CONTENT, *headers)), ReceivedEvent)
    assert isinstance(decode(kafka_record(to_json(STRUCTURED), *headers)), RefusedRecord)


@pytest.mark.parametrize("kind", ["", "application/json", "application/cloudevents+json"])
def test_a_request_without_context_in_its_headers_is_structured(kind):
    request = parse_request({"content-type": kind}, to_json(STRUCTURED), Holder("/hotlines/云州"))

    assert [type(event) for event in request.events] == [ReportEvent]
    assert not request.is_batch


def test_a_request_of_a_json_array_is_a_batch():
    request = parse_request({"content-type": "application/json"}, b" [" + to_json(STRUCTURED) + b"]", Holder("/hotlines/云州"))

    assert request.is_batch


def http_headers(**attributes):
    """Headers as an ASGI framework decodes them."""
    values = {f"ce-{name}": value.decode("latin-1") for name, value in attributes.items()}
    return {"content-type": "application/json", **values}


def binary_headers(source):
    return http_headers(specversion=b"1.0", id=b"7", type=REPORTED.encode(), source=source)


@pytest.mark.parametrize(
    "written",
    [SOURCE.encode(), quote(SOURCE).encode(), f'"{SOURCE}"'.encode(), f' "{quote(SOURCE)}" '.encode()],
    ids=["raw UTF-8", "percent-encoded", "quoted", "quoted and percent-encoded"],
)
def test_a_source_is_the_same_however_its_header_is_written(written):
    (event,) = parse_request(binary_headers(written), CONTENT, Holder("/hotlines/云州")).events

    assert isinstance(event, ReportEvent)
    assert event.source == SOURCE


@pytest.mark.parametrize("written", ["/hotlines/云州".encode("gb18030"), b"/hotlines/%D4%C6", b"/hotlines/\xe4\xba"])
def test_a_header_that_is_no_utf8_is_refused_and_kept_as_it_is(written):
    request = parse_request(binary_headers(written), CONTENT, Holder("/hotlines"))

    (event,) = request.events
    assert isinstance(event, InvalidEvent)
    assert [(finding.field, finding.code) for finding in event.findings] == [("source", "bad_encoding")]
    assert ("ce_source", written) in request.headers


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=40))
def test_every_text_survives_percent_encoding_and_quoting(text):
    encoded = quote(text, safe="")
    quoted = '"' + encoded.replace("\\", "\\\\").replace('"', '\\"') + '"'

    assert decode_attribute(encoded.encode()) == text
    assert decode_attribute(quoted.encode()) == text
    assert raw_attributes([("ce-id", text.encode().decode("latin-1")), ("accept", "*/*")]) == {"id": text.encode()}


def test_escapes_in_quotes_are_undone():
    assert decode_attribute(rb'"a \"b\" \\ c"') == r'a "b" \ c'
    assert decode_attribute(b'"') == '"'
    assert decode_attribute(b"100%") == "100%"


@pytest.mark.parametrize("item", [b"{}", b"1", b"[]", b'{"data":{}}'])
def test_a_batch_is_counted_before_its_objects_are_built(item, monkeypatch):
    body = b"[" + b",".join([item] * (MAX_EVENTS + 1)) + b"]"
    parsed = []
    monkeypatch.setattr(event_batch, "parse_structured", parsed.append)

    with pytest.raises(ValidationError) as one:
        event_batch._EVENTS.validate_json(b"[" + item + b"]")
    with pytest.raises(ValidationError) as all_of_them:
        event_batch._EVENTS.validate_json(body)
    with pytest.raises(TooLarge):
        EventBatch(body)

    assert all_of_them.value.error_count() == one.value.error_count()
    assert parsed == []


def test_an_event_in_place_of_a_batch_is_told_so():
    with pytest.raises(EnvelopeUnreadable) as refused:
        EventBatch(to_json(STRUCTURED)).items  # noqa: B018

    assert [finding.code for finding in refused.value.findings] == ["wrong_type"]
