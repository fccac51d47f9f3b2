"""Front doors of packages whose rooms are entered one by one (PEP 562).

Who needs one name of a package, as a command of the command line does, imports that name's module and no other.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module


def open_door(package: str, modules: Mapping[str, str], name: str) -> object:
    """Return a name of a package from the module that `modules` says, and keep it in the package."""
    if name not in modules:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{package}.{modules[name]}"), name)
    setattr(sys.modules[package], name, found)
    return found
