"""How the tests are shared out among processes, and in which order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest
import structlog

from tests.economies import economise

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

# Tests ask under invented host names; that others are refused is a test of its own.
os.environ.setdefault("GONGSHI_ALLOWED_HOSTS", "*")

# No test asserts a time: what is drawn slowly on a busy machine is no fault.
hypothesis.settings.register_profile("gongshi", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("gongshi")

# Tracebacks with the values of every frame take a second each, which tests of outages have by the hundred.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

economise()

# The one long unit first. The crash tests after the page tests, whose browsers they would slow; the short units fill the end.
ORDER = ("tests/e2e/", "tests/integration/", "tests/integration/crash/", "tests/unit/")


def place(nodeid: str) -> int:
    """Return where in the order a test stands: by the longest matching folder."""
    return max(range(len(ORDER)), key=lambda number: len(ORDER[number]) if nodeid.startswith(ORDER[number]) else 0)


def scope_of(nodeid: str) -> str:
    """Return what stays in one process: a file, whose module fixtures are made once, and the page tests with their city."""
    return ORDER[0] if nodeid.startswith(ORDER[0]) else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests; inside a folder they keep their order."""
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Share whole scopes out, in their order: with `-n 2` each process has engines of its own."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)
