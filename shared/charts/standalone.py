"""A drawing that stands alone, for documents: the colours of the tokens in place of their names, and a font of its own."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from shared.charts.drawing import SVG, Drawing

TOKENS = Path(__file__).parent.parent / "web" / "static" / "tokens.css"
_DECLARATION = re.compile(r"^ {0,8}(--[a-z0-9-]{1,40}): {0,4}([^;\n]{1,400});", re.MULTILINE)
_REFERENCE = re.compile(r"var\((--[a-z0-9-]+)\)")
_STRONG = 'class="t-strong"'


def standalone_svg(drawing: Drawing, font: str) -> str:
    """Return a drawing as a whole SVG file in the colours of a page."""
    content = _REFERENCE.sub(lambda name: light_tokens()[name[1]], str(drawing.content))
    return (
        f'<svg xmlns="{SVG}" viewBox="0 0 {drawing.width} {drawing.height}" width="{drawing.width}" height="{drawing.height}"'
        f' font-family="{font}" font-size="13">{content.replace(_STRONG, "")}</svg>'
    )


@cache
def light_tokens() -> dict[str, str]:
    """Return the custom properties of pages by name."""
    text = TOKENS.read_text(encoding="utf-8").partition("}")[0]
    return {name: value.strip() for name, value in _DECLARATION.findall(text)}
