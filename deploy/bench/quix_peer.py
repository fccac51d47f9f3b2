"""The stats step in Quix Streams, exactly once: the newest revision of each complaint, summed by operator and day.

Runs in an environment of its own, where nothing of gongshi is installed. The last line of its output is JSON:
`seconds` from the first record to the last of `total`, `complaints` counted, `cpu_seconds`, `peak_rss_mb`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from tempfile import TemporaryDirectory
from typing import Any

from quixstreams import Application, State
from quixstreams.kafka.configuration import ConnectionConfig

KIB_PER_MIB = 1024
SETTLED = ("mediated", "self_settled")
MEDIATED = (*SETTLED, "failed")


class Progress:
    """Times of the first and the last record, and the number of complaints counted."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.processed = 0
        self.complaints = 0
        self.first = 0.0
        self.last = 0.0


def contribution(complaint: dict[str, Any]) -> list[Any]:
    """Return revision, day and what the complaint adds: complaints, accepted, settled, mediated, amount in fen."""
    counts = complaint["kind"] == "complaint" and complaint["duplicate_of"] is None
    closed = complaint["status"] == "closed"
    return [
        complaint["revision"],
        complaint["received_on"],
        int(counts),
        int(counts and complaint["accepted"]),
        int(counts and closed and complaint["outcome"] in SETTLED),
        int(counts and closed and complaint["outcome"] in MEDIATED),
        round(float(complaint["amount"] or 0) * 100) if counts else 0,
    ]


def main() -> None:
    """Process `total` records and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("topic")
    parser.add_argument("output")
    parser.add_argument("total", type=int)
    arguments = parser.parse_args()
    progress = Progress(arguments.total)
    with TemporaryDirectory() as folder:
        application = _application(json.loads(os.environ["PEER_BROKER"]), folder, progress)
        frame = application.dataframe(application.topic(arguments.topic, value_deserializer="json"))

        def count(complaint: dict[str, Any], state: State) -> dict[str, Any] | None:
            new = contribution(complaint)
            old = state.get(complaint["complaint_id"])
            if old is not None and old[0] >= new[0]:
                return None
            state.set(complaint["complaint_id"], new)
            for sign, each in ((-1, old), (1, new)):
                if each is not None:
                    sums = state.get(each[1]) or [0, 0, 0, 0, 0]
                    state.set(each[1], [total + sign * part for total, part in zip(sums, each[2:], strict=True)])
                    progress.complaints += sign * each[2]
            return {"operator": complaint["operator"]["key"], "day": new[1], "sums": state.get(new[1])}

        frame = frame.apply(count, stateful=True)
        frame = frame.filter(lambda sums: sums is not None)
        frame.to_topic(application.topic(arguments.output, value_serializer="json"))
        application.run()
    used = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "seconds": progress.last - progress.first,
        "complaints": progress.complaints,
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_rss_mb": round(used.ru_maxrss / KIB_PER_MIB),
    }
    print(json.dumps(report))  # noqa: T201


def _application(broker: dict[str, str], folder: str, progress: Progress) -> Application:
    def processed(_topic: str, _partition: int, _offset: int) -> None:
        progress.last = time.monotonic()
        if not progress.processed:
            progress.first = progress.last
        progress.processed += 1
        if progress.processed == progress.total:
            application.stop()

    application = Application(
        broker_address=ConnectionConfig.from_librdkafka_dict(broker),
        consumer_group=f"quix-{time.time_ns()}",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        state_dir=folder,
        on_message_processed=processed,
        loglevel="WARNING",
    )
    return application


if __name__ == "__main__":
    main()
