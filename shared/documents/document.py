"""An official document: what it says, part by part. Layout is the template's."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.errors import PermanentError


class NotTypeset(PermanentError):
    """A document cannot be set: a character without a shape in the fonts, or no font at all."""


class Part(BaseModel):
    """A part of the text."""

    model_config = ConfigDict(frozen=True)


class Heading(Part):
    """A heading."""

    type: Literal["heading"] = "heading"
    text: str


class Paragraph(Part):
    """A paragraph."""

    type: Literal["paragraph"] = "paragraph"
    text: str


class Table(Part):
    """A table: the names of its columns, and rows of as many cells."""

    type: Literal["table"] = "table"
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Chart(Part):
    """A drawing: SVG that stands alone, and a text in its place for who cannot see it."""

    type: Literal["chart"] = "chart"
    caption: str
    alt: str
    svg: str


class OfficialDocument(BaseModel):
    """A document. `number` is its number or that of what it is about; `day` and `printed` are days in words.

    `red_head`: the issuer stands in red over the number and a red line, as on what goes to the public. `addressee` may be
    empty. `mark` stands at the head of every page: that all data is invented.
    """

    model_config = ConfigDict(frozen=True)

    language: Literal["zh", "en"] = "zh"
    title: str
    issuer: str
    number: str
    red_head: bool = True
    addressee: str = ""
    parts: tuple[Heading | Paragraph | Table | Chart, ...]
    day: str
    printed: str
    note: str = ""
    copies_to: str = ""
    mark: str = ""


class NoticeSheet(BaseModel):
    """A sheet for a notice board, A4 or A3, ready to print.

    `place` is where it hangs, `lead` what it covers, `code` the QR code of `address` as SVG, `footer` stands on every page.
    """

    model_config = ConfigDict(frozen=True)

    language: Literal["zh", "en"] = "zh"
    paper: Literal["a4", "a3"] = "a4"
    title: str
    issuer: str
    place: str
    lead: str
    address: str
    code: str
    tables: tuple[Table, ...]
    note: str = ""
    footer: str = ""
    mark: str = ""
