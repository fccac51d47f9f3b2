"""The bill of materials holds what the locks pin, and the licences are those that the notices name."""

import json

import pytest
from packageurl import PackageURL

from deploy import sbom
from deploy.sbom import IMAGE_LOCK, LOCK, ROOT, document, licence_table, read_pins

# Under which a bureau may run and pass on what the image contains, packages unmodified.
ACCEPTED = {
    "0BSD",
    "3-Clause BSD License",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "LGPL-2.1-or-later",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "PSF-2.0",
    "Zlib",
}


@pytest.fixture(scope="module")
def components() -> dict[str, dict[str, object]]:
    return {each["bom-ref"]: each for each in json.loads(document())["components"]}


def test_every_pinned_package_jar_and_image_is_listed(components: dict[str, dict[str, object]]) -> None:
    packages = {str(PackageURL("pypi", None, name, number)) for name, number in read_pins(LOCK).items()}

    assert packages <= set(components)
    assert {ref for ref in components if ref.startswith("pkg:pypi/")} == packages
    assert any(ref.startswith("pkg:maven/org.apache.kafka/kafka-clients@") for ref in components)
    assert any(ref.startswith("pkg:docker/postgres@") for ref in components)


def test_what_only_tests_need_is_marked_and_jars_have_their_digest(components: dict[str, dict[str, object]]) -> None:
    scope = {ref.split("/")[1].split("@")[0]: each["scope"] for ref, each in components.items() if ref.startswith("pkg:pypi/")}

    assert {name for name in read_pins(IMAGE_LOCK) if scope[name] != "required"} == set()
    assert scope["pytest"] == "excluded"
    assert all(each["hashes"] for ref, each in components.items() if ref.startswith("pkg:maven/"))


def test_the_notices_name_every_licence_in_the_image() -> None:
    assert licence_table() in (ROOT / "THIRD_PARTY_NOTICES.md").read_text("utf-8"), "python -m deploy.sbom --licences"


def test_every_package_in_the_image_has_an_accepted_licence() -> None:
    for name in read_pins(IMAGE_LOCK):
        terms = sbom.licence(name).replace("(", "").replace(")", "").replace(" AND ", " OR ").split(" OR ")
        accepted = [term for term in terms if term in ACCEPTED]
        # Of alternatives one suffices; of those that hold together each must be accepted.
        assert accepted == terms or (accepted and " AND " not in sbom.licence(name)), (name, sbom.licence(name))


def test_a_package_that_is_not_installed_has_no_licence_to_show() -> None:
    assert sbom.licence("no-such-package") == ""
