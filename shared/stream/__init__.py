"""The stream core: exactly-once effects in PostgreSQL of what comes in by Kafka, and an outbox for what goes out.

A service declares a table of subscriptions (`listen`); each handler is given a `Unit` and a run of events, reads,
decides, writes, and says what happened with `unit.emit`.
"""

from shared.stream.journal import Entry
from shared.stream.outbox import Letter
from shared.stream.record import Detail, Passed, Reason, Received, Refused
from shared.stream.subscription import AT_LEISURE_S, Handler, Subscription, listen
from shared.stream.unit import Store, Unit

__all__ = [
    "AT_LEISURE_S",
    "Detail",
    "Entry",
    "Handler",
    "Letter",
    "Passed",
    "Reason",
    "Received",
    "Refused",
    "Store",
    "Subscription",
    "Unit",
    "listen",
]
