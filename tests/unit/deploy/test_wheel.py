"""The built wheel contains every file of the checkout, and works without it."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("deploy", "services", "shared")
# In an environment of its own: only the wheel and the pinned dependencies are on the path.
EVERYTHING = """
import importlib, pkgutil, sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
import deploy, services, shared
from shared.settings import Settings
home = Path(sys.argv[1])
for package in (deploy, services, shared):
    assert Path(package.__file__).is_relative_to(home), package
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.rpartition(".")[2] not in ("__main__", "quix_peer"):
            importlib.import_module(module.name)
for service in ("intake", "stats", "publisher", "corrections"):
    importlib.import_module(f"services.{service}.app").create_app(Settings())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel's content, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (wheel_file,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel_file) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


def test_every_tracked_file_is_in_the_wheel(wheel):
    tracked = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True)
    tracked_files = {name for name in tracked.stdout.split("\0") if name and (ROOT / name).exists()}

    assert tracked_files
    assert sorted(name for name in tracked_files if not (wheel / name).exists()) == []


def test_every_module_and_service_imports_from_the_wheel(wheel, tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-I", "-S", "-c", EVERYTHING, wheel, sysconfig.get_path("purelib")],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert outcome.returncode == 0, outcome.stderr
