"""Reports about complaints by their number, quickly: texts and operators of the sample city, ids and days of one's own.

Every complaint of a number is the same on every call, so that any of those held can be revised at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from deploy.samples import Emission, kafka_emissions, today
from deploy.samples.emission import Headers

# As many different texts and operators: a twentieth of a second of intake's work, so that no cache holds them all for long.
TEXTS = 2_000
# Two of three events of the sample city are revisions and repeats.
EVENTS = 8 * TEXTS
ZONE = ZoneInfo("Asia/Shanghai")
SOURCE = "/samples/bench/990100"
# Received over as many days, the newest of them long enough ago that a revision can close it.
DAYS = 690
NEWEST_DAYS_AGO = 40
DAY_STRIDE = 271
CLOSED_AFTER = timedelta(days=20)
NOON = time(12, tzinfo=ZONE)
# In the place of what differs from complaint to complaint; none of them occurs in a text.
EXTERNAL_ID, REVISION, PHONE = b"<id>", b'"<revision>"', b"<phone>"
RECEIVED, ACCEPTED, CLOSED = b"<received>", b"<accepted>", b"<closed>"


class HeldReports:
    """First reports and revisions by number. `seed`: another one has other texts and operators."""

    def __init__(self, seed: int) -> None:
        self._today = today()
        first = (_data(each) for each in kafka_emissions(EVENTS, seed, self._today) if each.expected == "accepted")
        texts = list(islice((data for data in first if data["revision"] == 1), TEXTS))
        self._open = [_template(data, {"status": "accepted"}) for data in texts]
        self._closed = [_template(data, _closing(data)) for data in texts]

    def received(self, numbers: Iterable[int]) -> Iterator[Emission]:
        """Yield the first reports of complaints."""
        return (self._emission(self._open, number, 1) for number in numbers)

    def revised(self, numbers: Iterable[int], revision: int) -> Iterator[Emission]:
        """Yield revisions (2 or more) of complaints: they are closed by mediation."""
        return (self._emission(self._closed, number, revision) for number in numbers)

    def _emission(self, templates: list[bytes], number: int, revision: int) -> Emission:
        external_id = f"BENCH{number:09}"
        received = self._day(number)
        body = templates[number % len(templates)]
        for token, value in (
            (EXTERNAL_ID, external_id),
            (REVISION, str(revision)),
            (PHONE, f"1{number % 10**10:010}"),
            (RECEIVED, _moment(received)),
            (ACCEPTED, _moment(received + timedelta(days=1))),
            (CLOSED, _moment(received + CLOSED_AFTER)),
        ):
            body = body.replace(token, value.encode())
        key = f"{SOURCE}|{external_id}".encode()
        headers = _headers(f"{external_id}-{revision}")
        return Emission(SOURCE, "kafka_binary", external_id, 0, key, headers, body, "accepted", None, (), None)

    def _day(self, number: int) -> date:
        return self._today - timedelta(days=NEWEST_DAYS_AGO + number * DAY_STRIDE % DAYS)


def _data(emission: Emission) -> dict[str, Any]:
    event: dict[str, Any] = orjson.loads(emission.body)
    return event["data"] if emission.carrier == "kafka_structured" else event


def _template(data: dict[str, Any], changes: dict[str, Any]) -> bytes:
    changed = {
        **data,
        "external_id": EXTERNAL_ID.decode(),
        "revision": REVISION.decode().strip('"'),
        "received_at": RECEIVED.decode(),
        "accepted_at": ACCEPTED.decode(),
        "due_at": None,
        **changes,
    }
    body = orjson.dumps(changed)
    phone = data["complainant"]["phone"]
    return body.replace(phone.encode(), PHONE) if phone else body


def _closing(data: dict[str, Any]) -> dict[str, Any]:
    return {"status": "closed", "outcome": "mediated", "closed_at": CLOSED.decode(), "recovered": data["amount"]}


def _moment(day: date) -> str:
    return datetime.combine(day, NOON).isoformat()


def _headers(event_id: str) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_type", b"gongshi.complaint.reported.v1"),
        ("ce_time", b"2026-01-01T00:00:00+08:00"),
        ("content-type", b"application/json"),
    ]
