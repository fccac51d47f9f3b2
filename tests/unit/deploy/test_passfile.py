"""The embedded database's URL without its password."""

from pathlib import Path

import asyncpg.connect_utils

from deploy.embedded.passfile import FILE, without_password, write_passfile

URL = "postgresql://gongshi:{}@127.0.0.1:15432/gongshi?sslmode=disable"


def test_the_embedded_databases_url_names_a_file_in_which_clients_find_the_password(tmp_path: Path) -> None:
    home = tmp_path / "状态 目录"
    (home / FILE.parent).mkdir(parents=True)
    write_passfile(home, "gongshi", "Zq-4_x")

    url = without_password(URL.format("Zq-4_x"), home)

    assert "Zq-4_x" not in url
    assert (home / FILE).stat().st_mode & 0o777 == 0o600
    assert found_by_a_client(url) == "Zq-4_x"


def test_another_databases_url_loses_its_password_and_names_no_file(tmp_path: Path) -> None:
    (tmp_path / FILE.parent).mkdir(parents=True)
    write_passfile(tmp_path, "gongshi", "Zq-4_x")

    url = without_password("postgresql://bureau:secret@db.example:5432/gongshi", tmp_path)

    assert url == "postgresql://bureau@db.example:5432/gongshi"


def test_a_url_without_a_password_stays(tmp_path: Path) -> None:
    assert without_password("postgresql://gongshi@db/gongshi", tmp_path) == "postgresql://gongshi@db/gongshi"


def found_by_a_client(url: str) -> str | None:
    """Return the password with which asyncpg would connect."""
    _, parameters = asyncpg.connect_utils._parse_connect_dsn_and_args(
        dsn=url, host=None, port=None, user=None, password=None, passfile=None, database=None, ssl=None,
        service=None, servicefile=None, direct_tls=None, server_settings=None, target_session_attrs=None,
        krbsrvname=None, gsslib=None,
    )  # fmt: skip
    password: str | None = parameters.password
    return password
