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
SOURCES_SILENT = Gauge("gongshi_sources_silent", "Sources that are silent for much longer than they ever were in a fortnight.")
REDACTION_WITHHELD = Counter("gongshi_redaction_withheld", "Complaints whose text is withheld since redaction failed.")
TEXTS_SEARCHED = Counter("gongshi_texts_searched", "Texts that the second stage of redaction searched, by result.", ("result",))
FIGURES_EMITTED = Counter("gongshi_figures_emitted", "Figures emitted to the figures topic.")
FIGURES_PENDING = Gauge("gongshi_figures_pending", "Changed figures that are not emitted yet.")
FIGURES_VERIFIED_AT = Gauge(
    "gongshi_figures_verified_timestamp_seconds", "When all figures were recounted last, seconds since 1970."
)
FIGURES_DIFFERENT = Gauge("gongshi_figures_different", "Sums and figures that the last recount found to be others.")
MONTHS_UNCLOSED = Gauge("gongshi_months_unclosed", "Months that the rules say are to be closed and that are not.")
ITEMS = Counter("gongshi_items", "Items by board and action.", ("board", "action"))
GATE_REFUSALS = Counter("gongshi_gate_refusals", "Releases that the gate refused, by reason.", ("reason",))
SCREENS = Gauge("gongshi_screens_connected", "Connected display screens.")
SCREENS_LOST = Gauge("gongshi_screens_lost", "Paired screens that were there within a week and are not now.")
DELIVERIES = Counter(
    "gongshi_deliveries", "Attempts to bring a version to a target, by channel and outcome.", ("channel", "outcome")
)
QUEUE_AGE = Gauge("gongshi_queue_age_seconds", "Age of the oldest version that waits, by what it waits for.", ("queue",))
PLAN_LATE = Gauge("gongshi_plan_late", "What the publication plan asks for and is not public past its last day.", ("rule",))
CERTIFICATE_EXPIRES = Gauge(
    "gongshi_certificate_expires_timestamp_seconds",
    "When the certificate of the public address expires, seconds since 1970; without TLS there is none.",
    ("service",),
)
APPLICATIONS = Counter("gongshi_applications", "Applications of operators by kind and state.", ("kind", "state"))
APPLICATIONS_OVERDUE = Gauge("gongshi_applications_overdue", "Undecided applications past their deadline.")
APPLICATIONS_DUE = Gauge("gongshi_applications_due", "Undecided applications due today or on the next working day.")
SECURITY_EVENTS = Counter("gongshi_security_events", "Security events by kind.", ("event",))
SEALED_AT = Gauge("gongshi_journal_sealed_timestamp_seconds", "When the journals were sealed last, seconds since 1970.")
DISK_FREE = Gauge("gongshi_disk_free_bytes", "Free bytes of the disk with the state directory.", ("service",))
DISK_SIZE = Gauge("gongshi_disk_size_bytes", "Bytes of the disk with the state directory.", ("service",))
