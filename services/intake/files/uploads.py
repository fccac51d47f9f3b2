"""Lists that clerks upload, each in a private folder of its own: the list, its mapping, how far it is, its refused rows.

The list goes when its import is complete, everything else after a week.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from shared.errors import PermanentError

KEPT = timedelta(days=7)
MAX_LIST = 50 * 1024 * 1024
MAX_STORED = 1024 * 1024 * 1024
MAX_MAPPING = 64 * 1024
"""Bytes of a list (100,000 rows of a workbook are some 20 MiB), of all that is stored, and of a mapping."""

OWN = "own"
"""The mapping that was drafted from the list, or written on its page."""

_FOLDER_MODE = 0o700
_CHUNK = 1024 * 1024
_TOKEN = re.compile(r"[0-9a-f]{32}")
_UNSAFE = re.compile(r"[^\w.()（）\- ]")
_MAX_NAME = 80


class UploadTooLarge(PermanentError):
    """A list has at most 50 MiB."""


class StorageFull(PermanentError):
    """What is stored of uploads has reached its bound."""


class State(StrEnum):
    """How far a list is."""

    NEW = "new"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


class Upload(BaseModel):
    """What is known of a list. `counts`: as `ImportSummary` has them, of a check or an import. `failure`: English, Chinese."""

    model_config = ConfigDict(frozen=True)

    token: str
    name: str
    by: str
    at: datetime
    mapping: str
    source: str = ""
    exported_on: date | None = None
    state: State = State.NEW
    estimate: int = 0
    read: int = 0
    counts: Mapping[str, int] = {}
    reasons: Mapping[str, int] = {}
    passed_over: Mapping[str, int] = {}
    failure: Sequence[str] = ()


class UploadStore:
    """The folder of all uploads."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, content: BinaryIO, name: str, by: str, at: datetime) -> Upload:
        """Store a list as it arrives. Raises `UploadTooLarge`, `StorageFull`."""
        self._root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        if sum(file.stat().st_size for file in self._root.rglob("*") if file.is_file()) > MAX_STORED - MAX_LIST:
            raise StorageFull
        upload = Upload(token=secrets.token_hex(16), name=_safe_name(name), by=by, at=at, mapping=OWN)
        self._folder(upload.token).mkdir(mode=_FOLDER_MODE)
        try:
            self._copy(content, self.list_of(upload))
        except BaseException:
            self.delete(upload.token)
            raise
        self.save(upload)
        return upload

    def save(self, upload: Upload) -> None:
        """Store what is known of a list, at once or not at all."""
        folder = self._folder(upload.token)
        written = folder / "upload.json.new"
        written.write_text(upload.model_dump_json(), encoding="utf-8")
        written.replace(folder / "upload.json")

    def find(self, token: str) -> Upload | None:
        """Return what is known of a list; None where there is none any more."""
        path = self._root / token / "upload.json"
        if not _TOKEN.fullmatch(token):
            return None
        try:
            return Upload.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None

    def list_all(self) -> list[Upload]:
        """Return all, the newest first."""
        tokens = [path.parent.name for path in self._root.glob("*/upload.json")]
        found = [upload for token in tokens if (upload := self.find(token))]
        return sorted(found, key=lambda upload: upload.at, reverse=True)

    def list_of(self, upload: Upload) -> Path:
        """Return where the list is, or was."""
        return self._folder(upload.token) / "list" / upload.name

    def mapping_of(self, upload: Upload) -> Path:
        """Return where the mapping of its own is."""
        return self._folder(upload.token) / "mapping.yaml"

    def refused_of(self, upload: Upload) -> Path:
        """Return where the refused rows are."""
        return self._folder(upload.token) / "refused.csv"

    def delete(self, token: str) -> None:
        """Delete all there is of a list."""
        shutil.rmtree(self._folder(token), ignore_errors=True)

    def sweep(self, now: datetime, at_work: Container[str] = ()) -> None:
        """Delete what is older than a week and not at work, and what never became an upload."""
        for folder in self._root.glob("*"):
            if folder.name in at_work:
                continue
            upload = self.find(folder.name)
            at = upload.at if upload else datetime.fromtimestamp(folder.stat().st_mtime, now.tzinfo)
            if at < now - KEPT:
                shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, token: str) -> Path:
        return self._root / token

    @staticmethod
    def _copy(content: BinaryIO, path: Path) -> None:
        path.parent.mkdir(mode=_FOLDER_MODE)
        size = 0
        with path.open("wb") as file:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > MAX_LIST:
                    raise UploadTooLarge
                file.write(chunk)


def _safe_name(name: str) -> str:
    """Return a file's name without folders and signs, its end kept: it may name the day of the export."""
    return _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2])[-_MAX_NAME:].lstrip(". ") or "list"
