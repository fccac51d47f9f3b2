"""Synthetic hotlines: an invented city, its operators and consumers, and what its sources send. None of it is real.

Every source is below `/samples/`, which distinguishes synthetic from real reports for ever. The events are built without the
contract's classes, as an independent check of the contract, and `Ledger` recounts the figures without the system. The
same arguments give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice

from deploy.samples.carriers import BATCH, csv_file, http_batches
from deploy.samples.emission import Emission, Facts, Headers
from deploy.samples.hotlines import FAULT_SHARE, generate, today
from deploy.samples.ledger import Ledger, Measures
from deploy.samples.operators import Operator, operator_register

__all__ = [
    "BATCH",
    "FAULT_SHARE",
    "Emission",
    "Facts",
    "Headers",
    "Ledger",
    "Measures",
    "Operator",
    "bench_records",
    "csv_file",
    "generate",
    "http_batches",
    "kafka_emissions",
    "operator_register",
    "today",
]

# A complaint has 3.6 to 3.8 emissions; fewer in a short history, in which many are still open.
EVENTS_PER_COMPLAINT = 3


def kafka_emissions(total: int, seed: int = 1, until: date | None = None, *, faults: float = 0.0) -> Iterator[Emission]:
    """Yield exactly `total` emissions of a world in which every source sends on Kafka, in order of sending."""
    complaints = total // EVENTS_PER_COMPLAINT + 50
    return islice(generate(seed, complaints, until=until, carriers="kafka", faults=faults), total)


def bench_records(total: int, seed: int = 1, until: date | None = None) -> Iterator[tuple[bytes, Headers, bytes]]:
    """Yield `total` valid records for `gongshi.reports` as (key, headers, value)."""
    return ((sent.key, sent.headers, sent.body) for sent in kafka_emissions(total, seed, until))
