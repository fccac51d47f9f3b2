"""QR codes as inline SVG: the real address, four modules of white around it as the standard asks."""

from __future__ import annotations

import io
import string
from functools import lru_cache
from urllib.parse import quote

import segno
from markupsafe import Markup

# ISO/IEC 18004: the quiet zone is four modules wide.
QUIET_ZONE = 4


@lru_cache(maxsize=512)
def qr_svg(address: str, label: str) -> Markup:
    """Return the QR code of a public address as SVG; `label` is its accessible name."""
    return draw_qr_code(address, label)


def draw_qr_code(address: str, label: str) -> Markup:
    """Return the QR code of `address` as SVG, which is not kept: it may hold a secret."""
    opening_tag = Markup('<svg role="img" aria-label="{}" ').format(label)
    return Markup(draw_plain_code(address).replace("<svg ", opening_tag, 1))  # noqa: S704 the label is escaped above


def draw_plain_code(address: str) -> str:
    """Return the QR code of `address` as SVG without a label, for documents that name it beside."""
    drawing = io.BytesIO()
    code = segno.make(_as_uri(address), error="m", micro=False, encoding="utf-8")
    code.save(drawing, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, border=QUIET_ZONE, nl=False)
    return drawing.getvalue().decode()


def _as_uri(address: str) -> str:
    """Return an address in ASCII (RFC 3987, 3.1): scanners take other bytes of a code for whatever encoding they prefer."""
    return quote(address, safe=string.punctuation)
