"""The state directory (GONGSHI_HOME), locked by one process at a time."""

import asyncio
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from time import monotonic

from shared.errors import GongshiError

LOCK_NAME = "engines.lock"
PRIVATE_UMASK = 0o077  # of this process and of all that it starts
GUARD_SHUTDOWN_TIMEOUT_S = 45.0  # above the grace period of every engine
POLL_INTERVAL_S = 0.05


class StateInUseError(GongshiError):
    """Another process runs its engines in this state directory."""

    def __init__(self, home: Path, pid: int | None) -> None:
        super().__init__(
            f"{home} is in use by process {pid or 'unknown'}: its Kafka and PostgreSQL run there. "
            "Stop that process, or set GONGSHI_HOME to another directory."
        )
        self.pid = pid


class StateDirectory:
    """A state directory with an exclusive file lock.

    The guards of the engines inherit the lock: after a crash the directory is free when the last engine of the dead
    process has ended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._lock_fd: int | None = None

    async def lock(self) -> int:
        """Create the directory and take the lock; return its file descriptor. Raises `StateInUseError`.

        From here on nothing that this process or its children make can be read by other accounts.
        If the holder has died, waits until its guards have ended their engines.
        """
        # Reports with names and telephone numbers lie in there, in files of programs that know nothing of that.
        os.umask(PRIVATE_UMASK)
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        fd = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = monotonic() + GUARD_SHUTDOWN_TIMEOUT_S
        while not _try_lock(fd):
            holder = _read_pid(fd)
            if holder is None or is_running(holder) or monotonic() > deadline:
                os.close(fd)
                raise StateInUseError(self.path, holder)
            await asyncio.sleep(POLL_INTERVAL_S)
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
        self._lock_fd = fd
        return fd

    def unlock(self) -> None:
        """Release the lock."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None


def _try_lock(fd: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _read_pid(fd: int) -> int | None:
    text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else None


def is_running(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
