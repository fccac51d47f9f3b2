"""The operations files, checked by their own programs: Compose, Prometheus, Caddy."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.operation.tools import compose, program
from tests.monitors import programs

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
SECRETS = {
    "POSTGRES_PASSWORD": "0123456789abcdef",
    "KAFKA_PASSWORD": "0f1e2d3c4b5a6978",
    "GRAFANA_PASSWORD": "fedcba9876543210",
}
CONTACT = {"ALERT_TO": "duty@example.gov.cn", "ALERT_FROM": "gongshi@example.gov.cn", "ALERT_SMTP": "mail:587"}


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_compose_parses_the_file_and_interpolates_variables() -> None:
    outcome = run(
        *compose(), "-f", "docker-compose.yml", "config", **SECRETS, **CONTACT, GONGSHI_PUBLIC_URL="https://gongshi.example"
    )

    assert outcome.returncode == 0, outcome.stderr
    services = yaml.safe_load(outcome.stdout)["services"]
    environment = services["publisher"]["environment"]
    assert (
        services["migrate"]["environment"]["DATABASE_URL"]
        == "postgresql://gongshi:0123456789abcdef@postgres:5432/gongshi?sslmode=disable"
    )
    assert environment["DATABASE_URL"] == "postgresql://gongshi_publisher@postgres:5432/gongshi?sslmode=disable"
    assert environment["GONGSHI_PUBLIC_URL"] == "https://gongshi.example"


@pytest.mark.parametrize("missing", sorted(SECRETS))
def test_compose_refuses_to_start_without_a_password(missing: str, tmp_path: Path) -> None:
    empty_file = tmp_path / "env"
    empty_file.touch()
    secrets = {name: value for name, value in SECRETS.items() if name != missing}

    outcome = run(*compose(), "-f", "docker-compose.yml", "--env-file", str(empty_file), "config", **secrets, **CONTACT)

    assert outcome.returncode != 0
    assert "copy .env.example to .env" in outcome.stderr


def test_prometheus_accepts_its_configuration_and_rules() -> None:
    promtool = programs()["promtool"]

    outcome = run(promtool, "check", "config", "prometheus.yml", cwd=PROMETHEUS)

    assert outcome.returncode == 0, outcome.stderr + outcome.stdout


def test_every_alert_fires_and_stays_silent_as_specified() -> None:
    promtool = programs()["promtool"]

    outcome = run(promtool, "test", "rules", "tests/gongshi_test.yml", cwd=PROMETHEUS)

    assert outcome.returncode == 0, outcome.stderr + outcome.stdout


def test_the_caddyfile_is_valid_and_formatted(tmp_path: Path) -> None:
    caddy = program("caddy", "caddy")
    file = ROOT / "deploy" / "proxy" / "Caddyfile"

    valid = run(caddy, "validate", "--config", file, "--adapter", "caddyfile", HOME=str(tmp_path))
    layout = run(caddy, "fmt", file)

    assert valid.returncode == 0, valid.stderr
    assert layout.stdout == file.read_text(encoding="utf-8")
