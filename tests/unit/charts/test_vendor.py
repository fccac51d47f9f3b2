"""The vendored files are what vendor.toml says they are, byte for byte."""

import hashlib
import tomllib

import pytest

from deploy.vendor_echarts import VENDOR, integrity

MANIFEST = tomllib.loads((VENDOR / "vendor.toml").read_text("utf-8"))


@pytest.mark.parametrize("file", MANIFEST["file"], ids=lambda file: file["name"])
def test_a_vendored_file_has_its_digest(file):
    assert hashlib.sha256((VENDOR / file["name"]).read_bytes()).hexdigest() == file["sha256"]


def test_nothing_stands_there_that_the_manifest_does_not_name():
    named = {file["name"] for file in MANIFEST["file"]} | {"vendor.toml"}

    assert {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()} == named


def test_the_script_says_its_own_version():
    assert f'.version="{MANIFEST["package"]["version"]}"' in (VENDOR / "echarts.min.js").read_text("utf-8")


def test_integrity_is_written_as_npm_writes_it():
    empty = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="

    assert integrity(b"") == empty
