"""The built wheel holds all that the checkout does, and works where there is no checkout."""

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
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


def test_every_file_of_the_packages_is_in_it(wheel):
    tracked = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True)
    there = {name for name in tracked.stdout.split("\0") if name and (ROOT / name).exists()}

    assert there
    assert sorted(name for name in there if not (wheel / name).exists()) == []


def test_every_module_and_service_works_from_it(wheel, tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", EVERYTHING, wheel, sysconfig.get_path("purelib")],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
