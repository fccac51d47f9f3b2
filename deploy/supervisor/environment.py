"""Settings as environment variables, for child processes."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import SecretStr

from shared.settings import Settings, variable_names


def to_environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment, its settings replaced by these."""
    names = variable_names()
    inherited = {name: value for name, value in os.environ.items() if name not in names.values()}
    values = {names[field]: value for field, value in settings.model_dump().items() if value is not None}
    return inherited | {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Path():
            # A child may run in another working directory.
            return str(value.absolute())
        case _:
            return str(value)
