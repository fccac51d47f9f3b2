"""`python -m shared.documents`: a document as JSON on standard input, its PDF on standard output.

Typst takes some 100 MB that it does not give back, so a service lets a process of its own set a document.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime

import orjson

from shared.documents.document import NoticeSheet, NotTypeset, OfficialDocument
from shared.documents.fonts import DocumentFonts
from shared.documents.typesetting import typeset

REFUSED = 3
# A stranger may have a document set: pages and recalls come first.
NICENESS = 10


def main() -> int:
    """Set the document that is told; 3 where that cannot be, with the reason on standard error."""
    os.nice(NICENESS)
    order = orjson.loads(sys.stdin.buffer.read())
    fonts = DocumentFonts.from_json(order["fonts"])
    try:
        kind = NoticeSheet if order["kind"] == "notice" else OfficialDocument
        pdf = typeset(kind.model_validate(order["document"]), fonts, datetime.fromisoformat(order["at"]))
    except NotTypeset as refused:
        sys.stderr.write(str(refused))
        return REFUSED
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
