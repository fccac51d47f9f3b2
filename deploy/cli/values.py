"""Values of arguments that a command does not take."""

from __future__ import annotations

from shared.errors import PermanentError


class InvalidValue(PermanentError):
    """A value is not what the command takes; the docstring of its class says what is allowed."""

    def __init__(self, value: str) -> None:
        super().__init__(f"{(self.__doc__ or '').strip().rstrip('.')}; not {value!r}.")
