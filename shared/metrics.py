"""All metric names, with a sentence each. Label values come from closed sets and are never ids."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_STREAM = ("service", "topic")

RECORDS = Counter("gongshi_records", "Records of a topic by result.", (*_STREAM, "result"))
DEAD_LETTERS = Counter("gongshi_dead_letters", "Records refused for good, by reason.", (*_STREAM, "reason"))
BATCH_RECORDS = Histogram(
    "gongshi_batch_records", "Records of a committed batch.", _STREAM, buckets=(1, 10, 50, 100, 500, 1000, 2000, 4000, 8000)
)
BATCH_SECONDS = Histogram(
    "gongshi_batch_seconds",
    "Seconds from a batch's arrival to its commit.",
    _STREAM,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LAG = Gauge("gongshi_lag_records", "Records of a topic that are not applied yet.", _STREAM)
COMMIT_AGE = Gauge("gongshi_commit_age_seconds", "Seconds since the last committed batch.", _STREAM)
BLOCKED_PARTITIONS = Gauge(
    "gongshi_standing_partitions", "1 for each partition that is not consumed, by cause.", (*_STREAM, "partition", "cause")
)
FETCH_FAILURES = Counter(
    "gongshi_fetch_failures", "Failed fetches of a partition, by the error's name.", (*_STREAM, "partition", "cause")
)
OUTBOX_SENT = Counter("gongshi_outbox_sent", "Outbox messages that the broker acknowledged.", _STREAM)
OUTBOX_DEPTH = Gauge("gongshi_outbox_depth", "Messages that wait in the outbox.", ("service",))
REQUESTS = Counter("gongshi_http_requests", "HTTP requests by route and status.", ("service", "route", "method", "status"))
REQUEST_SECONDS = Histogram(
    "gongshi_http_request_seconds",
    "Seconds to answer a request, by route.",
    ("service", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
LIMITS_REACHED = Counter(
    "gongshi_limits_reached",
    "Requests that a limit refused, by limit and whose: a client's, or all together.",
    ("service", "limit", "whose"),
)
REPORTS = Counter("gongshi_reports", "Complaint reports by entrance and result.", ("entrance", "result"))
REDACTION_WITHHELD = Counter("gongshi_redaction_withheld", "Complaints whose text is withheld since redaction failed.")
FIGURES_EMITTED = Counter("gongshi_figures_emitted", "Figures emitted to the figures topic.")
FIGURES_PENDING = Gauge("gongshi_figures_pending", "Changed figures that are not emitted yet.")
ITEMS = Counter("gongshi_items", "Items by board and action.", ("board", "action"))
GATE_REFUSALS = Counter("gongshi_gate_refusals", "Releases that the gate refused, by reason.", ("reason",))
SCREENS = Gauge("gongshi_screens_connected", "Connected display screens.")
APPLICATIONS = Counter("gongshi_applications", "Applications of operators by kind and state.", ("kind", "state"))
APPLICATIONS_OVERDUE = Gauge("gongshi_applications_overdue", "Undecided applications past their deadline.")
SECURITY_EVENTS = Counter("gongshi_security_events", "Security events by kind.", ("event",))
SEALED_AT = Gauge("gongshi_journal_sealed_timestamp_seconds", "When the journals were sealed last, seconds since 1970.")
