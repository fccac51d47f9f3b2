"""The contracts: every event of the topics, one module per producing service, and the topic catalogue.

An additive change leaves an event's version as it is; any other change is a new event type. JSON Schemas and golden
examples are committed beside the code, and a test fails on a breaking change.
"""

from shared.contracts.complaints import ComplaintFacts, ComplaintOperator, ComplaintRevised, Redaction
from shared.contracts.envelope import Event, Headers, binary_headers
from shared.contracts.figures import FigureChanged, FiguresVerified, Measures, MonthClosed, PeriodKind, SubjectKind
from shared.contracts.publications import (
    Board,
    ItemCorrected,
    ItemReleased,
    ItemState,
    ItemWithdrawn,
    PublicItem,
    PublicOperator,
)
from shared.contracts.reports import Channel, ComplaintReport, Kind, Ledger, Outcome, Status
from shared.contracts.rulings import (
    ApplicationAccepted,
    ApplicationFiled,
    ApplicationKind,
    ApplicationWithdrawn,
    ComplaintEffect,
    Decision,
    FieldCorrection,
    RulingMade,
)
from shared.contracts.seals import JournalHead, JournalSealed
from shared.contracts.topics import CATALOGUE, Topic

EVENTS: tuple[type[Event], ...] = (
    ComplaintRevised,
    FigureChanged,
    FiguresVerified,
    MonthClosed,
    ItemReleased,
    ItemCorrected,
    ItemWithdrawn,
    ApplicationFiled,
    ApplicationAccepted,
    ApplicationWithdrawn,
    RulingMade,
    JournalSealed,
)

__all__ = [
    "CATALOGUE",
    "EVENTS",
    "ApplicationAccepted",
    "ApplicationFiled",
    "ApplicationKind",
    "ApplicationWithdrawn",
    "Board",
    "Channel",
    "ComplaintEffect",
    "ComplaintFacts",
    "ComplaintOperator",
    "ComplaintReport",
    "ComplaintRevised",
    "Decision",
    "Event",
    "FieldCorrection",
    "FigureChanged",
    "FiguresVerified",
    "Headers",
    "ItemCorrected",
    "ItemReleased",
    "ItemState",
    "ItemWithdrawn",
    "JournalHead",
    "JournalSealed",
    "Kind",
    "Ledger",
    "Measures",
    "MonthClosed",
    "Outcome",
    "PeriodKind",
    "PublicItem",
    "PublicOperator",
    "Redaction",
    "RulingMade",
    "Status",
    "SubjectKind",
    "Topic",
    "binary_headers",
]
