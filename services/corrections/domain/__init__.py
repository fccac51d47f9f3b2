"""What corrections knows, without any input or output: applications, their clock, evidence, and rulings.

Frozen records and functions; time, numbers and randomness are arguments. A decision returns a value that says what
came of it, and the caller matches every case.
"""

from services.corrections.domain.application import (
    Applicant,
    Application,
    Filing,
    FilingFault,
    FilingRefused,
    State,
    check_filing,
    file_application,
    recount,
)
from services.corrections.domain.evidence import (
    MOST_BYTES,
    MOST_FILES,
    Evidence,
    EvidenceFault,
    EvidenceRefused,
    MediaType,
    examine,
)
from services.corrections.domain.numbers import (
    RECEIPTS,
    REPLIES,
    receipt_number,
    reply_number,
    valid_receipt,
)
from services.corrections.domain.register import MONEY_FIELDS, ComplaintFact, PublishedItem, fits
from services.corrections.domain.ruling import (
    AlreadyClosed,
    ItemChanged,
    Proposal,
    ProposalFault,
    ProposalRefused,
    Ruling,
    Sound,
    Verdict,
    complete,
    judge,
    make_ruling,
)

__all__ = [
    "MONEY_FIELDS",
    "MOST_BYTES",
    "MOST_FILES",
    "RECEIPTS",
    "REPLIES",
    "AlreadyClosed",
    "Applicant",
    "Application",
    "ComplaintFact",
    "Evidence",
    "EvidenceFault",
    "EvidenceRefused",
    "Filing",
    "FilingFault",
    "FilingRefused",
    "ItemChanged",
    "MediaType",
    "Proposal",
    "ProposalFault",
    "ProposalRefused",
    "PublishedItem",
    "Ruling",
    "Sound",
    "State",
    "Verdict",
    "check_filing",
    "complete",
    "examine",
    "file_application",
    "fits",
    "judge",
    "make_ruling",
    "receipt_number",
    "recount",
    "reply_number",
    "valid_receipt",
]
