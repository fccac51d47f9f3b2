"""What a sample hotline sends, and the facts that a system should store afterwards."""

from __future__ import annotations

from typing import Literal, NamedTuple

Carrier = Literal["kafka_binary", "kafka_structured", "http_batch", "csv_row"]
Expected = Literal["accepted", "duplicate", "refused"]
Headers = list[tuple[str, bytes]]


class Facts(NamedTuple):
    """The facts of one valid revision: days are those of Asia/Shanghai (ISO 8601), money is decimal text in yuan.

    `uscc` is as sent and may be wrong (`uscc_valid`); `true_uscc` is the operator meant. `dispute` names the first report
    of the same dispute as (source, external id): it differs from the report's own only in a cross-channel duplicate.
    """

    source: str
    external_id: str
    revision: int
    kind: str
    channel: str
    received: str
    region: str | None
    industry: str | None
    category: str | None
    uscc: str | None
    uscc_valid: bool
    operator: str
    true_uscc: str
    amount: str | None
    recovered: str | None
    status: str
    outcome: str | None
    accepted: str | None
    closed: str | None
    dispute: tuple[str, str]


class Emission(NamedTuple):
    """One event sent by one synthetic source.

    `at` is the moment of sending in seconds of the epoch. `body` is a record's value, one event of an HTTP batch (join
    several with `http_batches`), or one CSV line without its heading (`csv_file` makes the file). `expected` is the result
    when everything is sent in order; `fault` names the fault of a refused event; `facts` is None exactly then.
    `personal` lists the personal data in title and text, as written: none of it may leave intake.
    """

    source: str
    carrier: Carrier
    external_id: str
    at: int
    key: bytes
    headers: Headers
    body: bytes
    expected: Expected
    fault: str | None
    personal: tuple[str, ...]
    facts: Facts | None
