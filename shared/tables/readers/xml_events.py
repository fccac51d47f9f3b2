"""XML as events, without document type declarations: nobody's spreadsheet needs one, and entities can blow up memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

Attributes = Mapping[str, str]


class DoctypeFound(ValueError):
    """The XML holds a document type declaration."""


def create_parser() -> expat.XMLParserType:
    """Return a parser that joins adjacent text and refuses a document type declaration."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise DoctypeFound


def finish(parser: expat.XMLParserType) -> None:
    """Tell a parser that the document ends. Raises `ExpatError` where it may not."""
    parser.Parse(b"", True)  # noqa: FBT003  # the parser takes no keywords


def local_name(name: str) -> str:
    """Return an element's or attribute's name without its namespace prefix."""
    return name.rpartition(":")[2] if ":" in name else name


def start_events(chunks: Iterable[bytes]) -> Iterator[tuple[str, Attributes]]:
    """Yield the local name and the attributes of every element, in document order; attributes by local name."""
    found: list[tuple[str, Attributes]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local_name(name), {local_name(key): value for key, value in attributes.items()}))

    parser = create_parser()
    parser.StartElementHandler = start
    for chunk in chunks:
        parser.Parse(chunk)
        yield from found
        found.clear()
    finish(parser)
    yield from found
