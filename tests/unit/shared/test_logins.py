"""The logins of the database: whose URL a service gets, and where their passwords are."""

from pathlib import Path

from pydantic import SecretStr

from shared.database.logins import LOGINS, login_url, make_passwords, with_password
from shared.settings import Settings

OWNER = "postgresql://gongshi:secret@db:5432/gongshi?sslmode=disable"


def settings(home: Path, url: str = OWNER) -> Settings:
    return Settings(database_logins=home / "logins", database_url=SecretStr(url))


def test_passwords_are_made_once_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    first = make_passwords(tmp_path / "logins")

    assert make_passwords(tmp_path / "logins") == first
    assert set(first) == set(LOGINS)
    assert len(set(first.values())) == len(LOGINS)
    assert (tmp_path / "logins").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "logins").iterdir()} == {0o600}


def test_a_service_gets_its_own_login_where_its_password_is_known(tmp_path: Path) -> None:
    password = make_passwords(tmp_path / "logins")["stats"]

    url = login_url(settings(tmp_path), "stats")

    assert url == f"postgresql://gongshi_stats:{password}@db:5432/gongshi?sslmode=disable"


def test_without_a_password_the_configured_url_stays(tmp_path: Path) -> None:
    own = "postgresql://gongshi_stats:mine@db/gongshi"

    assert login_url(settings(tmp_path), "stats") == OWNER
    assert login_url(settings(tmp_path, own), "stats") == own


def test_a_url_that_names_a_login_gets_its_password_from_the_folder(tmp_path: Path) -> None:
    password = make_passwords(tmp_path / "logins", ["reader"])["reader"]

    assert (
        with_password(settings(tmp_path, "postgresql://gongshi_reader@db/g")) == f"postgresql://gongshi_reader:{password}@db/g"
    )
    assert with_password(settings(tmp_path, "postgresql://gongshi_stats@db/g")) == "postgresql://gongshi_stats@db/g"
    assert with_password(settings(tmp_path, "")) == ""
