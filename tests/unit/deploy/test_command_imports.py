"""A command imports what it needs and nothing of another's trade: imports are most of what a short command costs."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

ALWAYS = ("fastapi", "uvicorn", "jinja2", "faststream", "prometheus_client", "py_mini_racer", "onnxruntime", "pyarrow")
BROKER, ENGINES, SERVICE_LOG = "aiokafka", "deploy.embedded.kafka", "structlog"
PROGRAM = """
import sys, orjson
from importlib import import_module
for module in sys.argv[1:]:
    import_module(module)
sys.stdout.buffer.write(orjson.dumps(sorted(sys.modules)))
"""
# The most used modules of commands, by what they leave to others; who leaves the same is imported in one process.
SPARED = {
    ("readers", "rules", "trace"): (*ALWAYS, BROKER, ENGINES, SERVICE_LOG),
    ("erase",): (*ALWAYS, ENGINES),
    ("mapping_commands",): (*(each for each in ALWAYS if each != "prometheus_client"), ENGINES),
    ("simulate", "sources"): (*ALWAYS, ENGINES, SERVICE_LOG),
    ("accounts",): (*ALWAYS, BROKER, ENGINES),
    ("migrate",): (*ALWAYS, ENGINES),
    # The explanation of an error, which a command that fails imports.
    ("errors",): (*ALWAYS, BROKER, ENGINES, SERVICE_LOG, "rich"),
}


def imported_by(*modules: str) -> set[str]:
    process = subprocess.run([sys.executable, "-c", PROGRAM, *modules], stdout=subprocess.PIPE, check=True)
    return set(orjson.loads(process.stdout))


@pytest.mark.parametrize("modules", SPARED)
def test_a_command_imports_nothing_of_anothers_trade(modules):
    assert imported_by(*(f"deploy.cli.{name}" for name in modules)).isdisjoint(SPARED[modules])
