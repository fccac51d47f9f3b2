"""Characters that GBK and GB18030-2000 had no place for in Unicode, and their places since (GB 18030-2022, annex D).

Old programs and fonts write them to the private use area; some are in names of people and places.
"""

from __future__ import annotations

import re

_FORMS = {0xE78D: 0xFE10, 0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15, 0xE793: 0xFE16,
          0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19}  # fmt: skip
_HANZI = {0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
          0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE863: 0x4DAE,
          0xE864: 0x9FBB}  # fmt: skip
_STANDARD = _FORMS | _HANZI
_PRIVATE_USE = re.compile("[\\ue78d-\\ue864]")


def standardize(text: str) -> str:
    """Return the text with characters that have a place of their own by now at that."""
    return text.translate(_STANDARD) if _PRIVATE_USE.search(text) else text
