"""The fonts of documents: those that a bureau has and names, and the open one that is always there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from shared.settings import Settings

OPEN_FONT = "Noto Sans CJK SC"
# The package that has it; it is a folder with one font file.
OPEN_FONT_PACKAGE = "noto_cjk_sans_otc"


@dataclass(frozen=True, slots=True)
class DocumentFonts:
    """Folders with fonts, and the families of each use, the first choice first; the open font stands behind all of them."""

    folders: tuple[Path, ...]
    families: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, settings: Settings) -> DocumentFonts:
        """Return the fonts of an installation."""
        named = {
            "body": settings.document_font_body,
            "title": settings.document_font_title,
            "heading": settings.document_font_heading,
            "subheading": settings.document_font_subheading,
            "number": settings.document_font_number,
        }
        families = {use: (*_split(names), OPEN_FONT) for use, names in named.items()}
        own = (settings.document_fonts,) if settings.document_fonts else ()
        return cls((*own, Path(str(files(OPEN_FONT_PACKAGE)))), families)

    def to_json(self) -> dict[str, Any]:
        """Return the fonts for another process."""
        return {"folders": [str(folder) for folder in self.folders], "families": self.families}

    @classmethod
    def from_json(cls, fonts: Mapping[str, Any]) -> DocumentFonts:
        """Return the fonts that another process was told."""
        families = {use: tuple(names) for use, names in fonts["families"].items()}
        return cls(tuple(Path(folder) for folder in fonts["folders"]), families)


def _split(names: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in names.split(","))))
