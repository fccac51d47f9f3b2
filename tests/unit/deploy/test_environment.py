"""Settings handed to child processes."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.supervisor.environment import to_environment
from shared.settings import Settings


def test_a_child_process_reads_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        home=tmp_path,
        kafka_bootstrap_servers="127.0.0.1:1",
        database_url=SecretStr("postgresql://a:b@c/d"),
        intake_port=9999,
        synthetic=True,
        bureau_zh="云州市市场监督管理局",
    )

    for name, value in to_environment(settings).items():
        monkeypatch.setenv(name, value)

    assert Settings() == settings


def test_an_explicit_default_overrides_the_parents_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGSHI_INTAKE_PORT", "9000")
    monkeypatch.setenv("GONGSHI_SECRET_FILE", "/somewhere")

    environment = to_environment(Settings(intake_port=8701, secret_file=None))

    assert environment["GONGSHI_INTAKE_PORT"] == "8701"
    assert "GONGSHI_SECRET_FILE" not in environment
