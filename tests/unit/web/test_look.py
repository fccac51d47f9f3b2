"""The style sheets: every class in them is one that a page has."""

import re

from shared.web.catalogue import SHARED

ROOT = SHARED.parents[1]
SHEET = "".join((SHARED / "static" / name).read_text() for name in ("look.css", "screen.css"))
SOURCES = [
    *(ROOT / "services").glob("*/templates/**/*.html"),
    *(ROOT / "services").glob("*/web/*.py"),
    *(SHARED / "templates").glob("**/*.html"),
    *(SHARED / "static").glob("*.js"),
    *SHARED.glob("*.py"),
    *(ROOT / "shared" / "charts").glob("*.py"),
]
# The state of each service as a page, which is not built yet.
NOT_BUILT_YET = {"dot", "dot-warn"}

ATTRIBUTE = re.compile(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"')
LITERAL = re.compile(r"""(['"])([a-z][\w -]*)\1""")


def sheet_classes():
    """The classes of the sheets' selectors."""
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL))
    return {name for selector in selectors for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)}


def used_words():
    """What stands in class attributes and literals; what ends in a dash is the beginning of classes that are put together."""
    texts = [path.read_text() for path in SOURCES]
    attributes = [name for text in texts for found in ATTRIBUTE.findall(text) for name in re.findall(r"[A-Za-z][\w-]*", found)]
    literals = [name for text in texts for _, found in LITERAL.findall(text) for name in found.split()]
    return {*attributes, *literals}


def test_no_class_is_left_that_no_page_has():
    words = used_words()
    prefixes = tuple(word for word in words if word.endswith("-"))
    steps = {f"q{step}" for step in range(6)}

    assert {c for c in sheet_classes() - words - NOT_BUILT_YET - steps if not c.startswith(prefixes)} == set()
