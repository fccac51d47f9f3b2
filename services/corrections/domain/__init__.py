"""The pure domain of corrections: applications, their deadlines, evidence, and rulings.

Frozen records and functions; time, numbers and randomness are arguments. A decision returns a value of a sum type, and
the caller matches every case.
"""

from services.corrections.domain.application import (
    Applicant,
    Application,
    ApplicationState,
    Filing,
    FilingFault,
    FilingRejected,
    file_application,
    recompute_deadline,
    validate_filing,
)
from services.corrections.domain.case_steps import StepFault, ask_for_evidence, extend_term, receive_evidence
from services.corrections.domain.evidence import (
    MAX_FILE_BYTES,
    MAX_FILES,
    NAMELESS,
    Evidence,
    EvidenceFault,
    EvidenceRejected,
    Fault,
    inspect_evidence,
)
from services.corrections.domain.formats import OtherFormat
from services.corrections.domain.media import MediaType
from services.corrections.domain.numbers import (
    RECEIPT_SERIES,
    REPLY_SERIES,
    parse_receipt,
    receipt_number,
    reply_number,
)
from services.corrections.domain.replicas import MONEY_FIELDS, ComplaintFact, PublishedItem, is_valid_value
from services.corrections.domain.ruling import (
    AlreadyClosed,
    ItemChanged,
    Proposal,
    ProposalAccepted,
    ProposalFault,
    ProposalRejected,
    Ruling,
    TookPart,
    Verdict,
    check_proposal,
    make_ruling,
    mirror_corrections,
)
from services.corrections.domain.terms import EvidenceRequest, Extension
from services.corrections.domain.tracking import TrackingFault, TrackingQuery, canonical_code, generate_code

__all__ = [
    "MAX_FILES",
    "MAX_FILE_BYTES",
    "MONEY_FIELDS",
    "NAMELESS",
    "RECEIPT_SERIES",
    "REPLY_SERIES",
    "AlreadyClosed",
    "Applicant",
    "Application",
    "ApplicationState",
    "ComplaintFact",
    "Evidence",
    "EvidenceFault",
    "EvidenceRejected",
    "EvidenceRequest",
    "Extension",
    "Fault",
    "Filing",
    "FilingFault",
    "FilingRejected",
    "ItemChanged",
    "MediaType",
    "OtherFormat",
    "Proposal",
    "ProposalAccepted",
    "ProposalFault",
    "ProposalRejected",
    "PublishedItem",
    "Ruling",
    "StepFault",
    "TookPart",
    "TrackingFault",
    "TrackingQuery",
    "Verdict",
    "ask_for_evidence",
    "canonical_code",
    "check_proposal",
    "extend_term",
    "file_application",
    "generate_code",
    "inspect_evidence",
    "is_valid_value",
    "make_ruling",
    "mirror_corrections",
    "parse_receipt",
    "receipt_number",
    "receive_evidence",
    "recompute_deadline",
    "reply_number",
    "validate_filing",
]
