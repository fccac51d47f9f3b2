"""The SVG of ECharts made fit for our pages: no inline style, no style sheet of its own, no ids that clash.

The pages' Content-Security-Policy forbids `style` attributes and elements; look.css sets the type instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markupsafe import Markup

SVG = "http://www.w3.org/2000/svg"
_NAMESPACE = f"{{{SVG}}}"
_BOLD = "font-weight:600"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
# ECharts writes these for scripts that hydrate the drawing; there is none.
_DROPPED = ("style", "class", "pointer-events", "id")
_DROPPED_PREFIX = "ecmeta_"


@dataclass(frozen=True, slots=True)
class Drawing:
    """What stands inside an `<svg>`, and its size in user units."""

    width: int
    height: int
    content: Markup


def clean_svg(svg: str, width: int, height: int, prefix: str) -> Drawing:
    """Return the drawing in `svg`; its ids are put under `prefix`."""
    root = ET.fromstring(svg)  # noqa: S314 made by our own renderer from our own numbers
    for style in root.findall(f"{_NAMESPACE}style"):
        root.remove(style)
    background = root.find(f"{_NAMESPACE}rect")
    if background is not None and background.get("fill") == "none":
        root.remove(background)
    for element in root.iter():
        _clean_element(element, prefix)
    content = "".join(_serialize(child) for child in root)
    return Drawing(width, height, Markup(content))  # noqa: S704 serialised, hence escaped, by ElementTree


def _clean_element(element: ET.Element, prefix: str) -> None:
    element.tag = element.tag.removeprefix(_NAMESPACE)
    element.tail = None
    if element.tag != "text":
        element.text = None
    attributes = {name: value for name, value in element.attrib.items() if _is_allowed(name)}
    if _BOLD in element.get("style", ""):
        attributes["class"] = "t-strong"
    if "id" in element.attrib:
        attributes["id"] = f"{prefix}-{element.attrib['id']}"
    element.attrib.clear()
    for name, value in attributes.items():
        element.set(name, _LONG_NUMBER.sub(_shorten_number, _REFERENCE.sub(rf"url(#{prefix}-\1)", value)))


def _is_allowed(name: str) -> bool:
    return name not in _DROPPED and not name.startswith(_DROPPED_PREFIX)


def _shorten_number(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _serialize(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode")
