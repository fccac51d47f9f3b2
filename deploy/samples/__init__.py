"""Synthetic hotlines: an invented city, its operators and consumers, and what they would send. None of it is real.

Every source is under `/samples/`, so what came from here can be told from a real hotline's reports for ever. The events
are made without the contract's classes, as an independent witness of what a complaint report is, and `Ledger` recounts
the figures without the system. The same arguments give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from deploy.samples.carriers import BATCH, csv_file, http_batches
from deploy.samples.emission import Emission, Facts, Headers
from deploy.samples.hotlines import FAULT_SHARE, generate, today
from deploy.samples.ledger import Ledger, Measures
from deploy.samples.operators import Operator, register

__all__ = [
    "BATCH",
    "FAULT_SHARE",
    "Emission",
    "Facts",
    "Headers",
    "Ledger",
    "Measures",
    "Operator",
    "csv_file",
    "generate",
    "http_batches",
    "on_kafka",
    "register",
    "reports_for_bench",
    "today",
]

# A complaint makes 3.6 to 3.8 emissions; fewer of a young world, in which many are still open.
EVENTS_PER_COMPLAINT = 3


def on_kafka(total: int, seed: int = 1, until: date | None = None, *, faults: float = 0.0) -> Iterator[Emission]:
    """Yield exactly `total` emissions of a world in which every source sends on Kafka, in order of sending."""
    complaints = total // EVENTS_PER_COMPLAINT + 50
    return islice(generate(seed, complaints, until=until, carriers="kafka", faults=faults), total)


def reports_for_bench(total: int, seed: int = 1, until: date | None = None) -> Iterator[tuple[bytes, Headers, bytes]]:
    """Yield `total` sound records for `gongshi.reports` as (key, headers, value)."""
    return ((sent.key, sent.headers, sent.body) for sent in on_kafka(total, seed, until))
