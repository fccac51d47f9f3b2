"""The topic catalogue as data: code, topic creation and documents read it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.contracts.complaints import COMPLAINTS
from shared.contracts.figures import FIGURES
from shared.contracts.publications import PUBLICATIONS
from shared.contracts.rulings import RULINGS
from shared.contracts.seals import SEALS

REPORTS = "gongshi.reports"
DAY_MS = 24 * 60 * 60 * 1000
KEEP_FOREVER = -1
# How soon the broker closes a segment and compacts it, of a topic whose older records may not stay.
OVERWRITTEN_WITHIN_MS = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic. `retention_ms` -1 keeps records for ever; `compacted` keeps the newest record of each key.

    `overwritten_within_ms`: of a compacted topic whose older records may not stay, as what was withdrawn; 0 where they may.

    `append_time`: the broker stamps records as they arrive, whatever time their producer gave. Retention goes by that time,
    and a producer that gives the event's own would have an old event deleted before it is read.
    """

    name: str
    owner: str
    consumers: tuple[str, ...]
    key: str
    partitions: int
    retention_ms: int
    compacted: bool
    sentence: str
    append_time: bool = False
    overwritten_within_ms: int = 0


CATALOGUE: tuple[Topic, ...] = (
    Topic(
        REPORTS,
        "hotlines",
        ("intake",),
        "source and external id",
        8,
        30 * DAY_MS,
        compacted=False,
        sentence="Complaint reports of every source as they were sent, personal data included: only intake may read it.",
        append_time=True,
    ),
    Topic(
        COMPLAINTS,
        "intake",
        ("stats", "publisher", "corrections"),
        "operator key",
        8,
        KEEP_FOREVER,
        compacted=False,
        sentence="Normalised, redacted complaint revisions.",
    ),
    Topic(
        FIGURES,
        "stats",
        ("publisher",),
        "figure key",
        8,
        KEEP_FOREVER,
        compacted=True,
        sentence="Figures as they change, restatements included.",
    ),
    Topic(
        PUBLICATIONS,
        "publisher",
        ("corrections", "portals"),
        "item id",
        4,
        KEEP_FOREVER,
        compacted=True,
        sentence="The newest version of each public item, released, corrected or withdrawn: portals subscribe to this. "
        "A withdrawal has no content, is told twice, and takes the versions before it out of the topic within two hours.",
        overwritten_within_ms=OVERWRITTEN_WITHIN_MS,
    ),
    Topic(
        RULINGS,
        "corrections",
        ("stats", "publisher"),
        "item id",
        4,
        KEEP_FOREVER,
        compacted=False,
        sentence="Applications of operators and the decisions on them.",
    ),
    Topic(
        SEALS,
        "sealer",
        ("publisher",),
        "public key",
        1,
        KEEP_FOREVER,
        compacted=False,
        sentence="Signed states of the journals, one after another: whoever copies them can prove that a journal was changed.",
    ),
)
BY_NAME = {topic.name: topic for topic in CATALOGUE}
