"""Types of parameters that the database can store: every number and text of a route is one of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.text import drop_forbidden

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1


def require_storable(text: str) -> str:
    """Return `text`. Raises ValueError where PostgreSQL cannot store it: NUL, or a surrogate without its pair."""
    if not is_storable(text):
        raise ValueError("text must not contain NUL characters or lone surrogates")
    return text


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL can store `text`."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


# What an `integer` or `bigint` column holds; whatever is counted, numbered or paged starts at 0.
Int32 = Annotated[int, Field(ge=0, le=INT32_MAX)]
Int64 = Annotated[int, Field(ge=0, le=INT64_MAX)]
# Of forms and JSON bodies; a length belongs to it: Annotated[PlainText, Form(max_length=64)]. What nobody sees is dropped.
PlainText = Annotated[str, AfterValidator(require_storable), AfterValidator(drop_forbidden)]
# A password or a word that confirms: compared as it was typed.
SecretText = Annotated[str, AfterValidator(require_storable)]
