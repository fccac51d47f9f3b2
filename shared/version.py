"""The version of this installation, as `gongshi --version` prints it and as pages show it."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("gongshi")
