"""Packages in which each module declares one thing under a name that all of them use."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, TypeVar


class Named(Protocol):
    """What is declared has a name of its own."""

    @property
    def name(self) -> str:
        """The name."""


NamedT = TypeVar("NamedT", bound=Named)


def find_declared(package: str, path: Iterable[str], attribute: str, of: type[NamedT]) -> dict[str, NamedT]:
    """Return what the modules of a package declare, by name. Raises `ValueError` when two have one name."""
    modules = [import_module(f"{package}.{name}") for name in sorted(found.name for found in iter_modules(path))]
    declared = [each for module in modules if isinstance(each := getattr(module, attribute, None), of)]
    by_name = {each.name: each for each in declared}
    if len(by_name) < len(declared):
        raise ValueError(f"two modules of {package} declare one name")
    return by_name
