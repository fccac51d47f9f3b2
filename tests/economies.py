"""What tests save on: hundreds of apps are created in one process of them, each with its people.

Templates are compiled once for all apps, and a password costs a thousandth of what it does outside tests.
"""

from __future__ import annotations

from typing import Any

from argon2 import PasswordHasher
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from shared.accounts import store
from shared.web import templating

HASHER = store._hasher
"""Of passwords outside tests."""


class CompiledTemplates(BytecodeCache):
    """Code of templates by service, language and source: a filter on a constant is worked out when a template is compiled."""

    def __init__(self) -> None:
        self._compiled: dict[Any, str] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return the bucket of one template, with its code where it was compiled before."""
        services = tuple(tuple(loader.searchpath) for loader in environment.loader.loaders)  # type: ignore[union-attr]
        key = (services, environment.globals["language"], name, source)
        bucket = Bucket(environment, key, name)  # type: ignore[arg-type] # nothing but `Bucket` and this class looks at the key
        bucket.code = self._compiled.get(key)
        return bucket

    def set_bucket(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._compiled[bucket.key] = bucket.code


class RememberingEnvironment(Environment):
    """An environment that takes from all others what they have compiled."""

    shared = CompiledTemplates()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, bytecode_cache=self.shared)


def economise() -> None:
    """Let everything that this process creates from now on be cheap."""
    templating.Environment = RememberingEnvironment  # type: ignore[misc]
    store._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
