"""What a service's process is given: its own login, account and keys, and nothing of who runs the system."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.service_settings import settings_of_service
from deploy.supervisor.environment import to_environment
from shared.database.logins import SERVICES, make_passwords
from shared.settings import Settings
from shared.stream.access import account_names, file_of, user_of

OWNER, SUPER_USER = "the-owners-password", "the-super-users-password"


@pytest.fixture
def system(tmp_path: Path) -> Settings:
    """The settings of a supervisor that has prepared its stores."""
    make_passwords(tmp_path / "logins")
    make_passwords(tmp_path / "logins", account_names(), file_of)
    return Settings(
        home=tmp_path,
        database_url=SecretStr(f"postgresql://gongshi:{OWNER}@127.0.0.1:1/gongshi"),
        database_logins=tmp_path / "logins",
        kafka_accounts=tmp_path / "logins",
        kafka_bootstrap_servers="127.0.0.1:2",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="PLAIN",
        kafka_sasl_username="gongshi",
        kafka_sasl_password=SecretStr(SUPER_USER),
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_its_own_login_and_account_and_no_other_password(system: Settings, service: str) -> None:
    environment = to_environment(settings_of_service(system, service))

    assert environment["DATABASE_URL"].startswith(f"postgresql://gongshi_{service}:")
    assert environment["KAFKA_SASL_USERNAME"] == user_of(service)
    assert environment["KAFKA_SASL_MECHANISM"] == "SCRAM-SHA-512"
    assert not any(secret in value for value in environment.values() for secret in (OWNER, SUPER_USER))


def test_corrections_alone_gets_the_private_key_of_the_rulings(system: Settings) -> None:
    holders = [service for service in SERVICES if settings_of_service(system, service).rulings_key]
    verifiers = {settings_of_service(system, service).rulings_public_key for service in SERVICES}

    assert holders == ["corrections"]
    assert verifiers == {system.home / "keys" / "rulings.pub"}
