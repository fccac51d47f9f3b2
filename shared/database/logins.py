"""The logins of PostgreSQL: one a service, for its own schema, and one that reads what `gongshi verify` compares.

The owner of the database signs in for migrations and for what people administer, never for a service.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from shared.settings import Settings

ROLE_PREFIX = "gongshi_"
SERVICES = ("intake", "stats", "publisher", "corrections")
READER = "reader"
LOGINS = (*SERVICES, READER)
PASSWORD_BYTES = 24
FOLDER_MODE, FILE_MODE = 0o700, 0o600


def role_of(login: str) -> str:
    """Return the role of a login or schema."""
    return ROLE_PREFIX + login


def login_folder(home: Path) -> Path:
    """Return the folder of the passwords in a state directory."""
    return home / "logins"


def make_passwords(folder: Path, logins: Iterable[str] = LOGINS, file_of: Callable[[str], str] = role_of) -> dict[str, str]:
    """Return the password of each login; one that has none gets a file that only this account may read."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    for login in logins:
        file = folder / file_of(login)
        if not file.exists():
            file.touch(mode=FILE_MODE)
            file.write_text(secrets.token_urlsafe(PASSWORD_BYTES), encoding="ascii")
    return read_passwords(folder, logins, file_of)


def read_passwords(
    folder: Path | None, logins: Iterable[str] = LOGINS, file_of: Callable[[str], str] = role_of
) -> dict[str, str]:
    """Return the password of each login that has a file in the folder; files of other accounts are passed over."""
    found: dict[str, str] = {}
    if folder is None:
        return found
    for login in logins:
        try:
            found[login] = (folder / file_of(login)).read_text(encoding="ascii").strip()
        except (FileNotFoundError, PermissionError):
            continue
    return found


def login_url(settings: Settings, login: str) -> str:
    """Return the database's URL with the login in it; as it is where no password of the login is known."""
    url = with_password(settings)
    if urlsplit(url).username == role_of(login):
        return url
    passwords: Mapping[str, str] = read_passwords(settings.database_logins, (login,))
    return replace_user(url, role_of(login), passwords[login]) if login in passwords else url


def with_password(settings: Settings) -> str:
    """Return the database's URL; where it names a login without a password, with the one in the folder."""
    url = settings.database_url.get_secret_value()
    parts = urlsplit(url)
    login = (parts.username or "").removeprefix(ROLE_PREFIX)
    if parts.password is not None or not (passwords := read_passwords(settings.database_logins, (login,))):
        return url
    return replace_user(url, role_of(login), passwords[login])


def replace_user(url: str, user: str, password: str) -> str:
    """Return the URL with another user and password."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))
