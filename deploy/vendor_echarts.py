"""Fetch the vendored ECharts again, check it against the pinned integrity, and put its files in place.

For whoever changes the version: edit `shared/charts/vendor/vendor.toml`, run `python -m deploy.vendor_echarts`, and
take the digests it prints over into the file. Needs npm; nothing else in the project does.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "shared" / "charts" / "vendor"


def main() -> int:
    """Return 0 when every file has the digest that vendor.toml gives it."""
    manifest = tomllib.loads((VENDOR / "vendor.toml").read_text("utf-8"))
    package = manifest["package"]
    with tempfile.TemporaryDirectory() as folder:
        tarball = Path(folder) / package["tarball"]
        _fetch(f"{package['name']}@{package['version']}", tarball.parent)
        if integrity(tarball.read_bytes()) != package["integrity"]:
            print(f"{tarball.name} does not have the pinned integrity; nothing was changed", file=sys.stderr)  # noqa: T201 - the command's own output
            return 1
        return sum(_place(tarball, file) for file in manifest["file"])


def integrity(content: bytes) -> str:
    """Return the subresource integrity of `content` as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def _fetch(package: str, folder: Path) -> None:
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 fixed words and a pinned version


def _place(tarball: Path, file: dict[str, str]) -> int:
    with tarfile.open(tarball) as packed:
        member = packed.extractfile(file["source"])
        if member is None:
            raise FileNotFoundError(file["source"])
        content = member.read()
    target = VENDOR / file["name"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    print(f"{file['name']}: {digest}")  # noqa: T201 - the command's own output
    return int(digest != file["sha256"])


if __name__ == "__main__":
    sys.exit(main())
