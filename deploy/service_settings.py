"""The settings of one service on this machine: its own login, account and keys, not those of who runs the system."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from shared.database.logins import login_url
from shared.settings import Settings
from shared.stream.access import sign_in_as
from shared.stream.signature import make_keys

SIGNING_SERVICE = "corrections"


def settings_of_service(settings: Settings, name: str) -> Settings:
    """Return the settings for a service. Its password files are there where the supervisor has prepared its stores."""
    private, public = _rulings_keys(settings.home)
    own = settings.model_copy(
        update={
            "database_url": SecretStr(login_url(settings, name)),
            "rulings_key": (settings.rulings_key or private) if name == SIGNING_SERVICE else None,
            "rulings_public_key": settings.rulings_public_key or public,
        }
    )
    return sign_in_as(own, name) if settings.kafka_accounts is not None else own


def _rulings_keys(home: Path) -> tuple[Path, Path]:
    """Return the private and the public key of the rulings, made on the first start."""
    private, public = home / "keys" / "rulings.pem", home / "keys" / "rulings.pub"
    make_keys(private, public)
    return private, public
