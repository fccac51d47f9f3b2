"""TCP ports on the loopback address, reserved so that systems that start at the same time choose different ones."""

import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from shared.errors import GongshiError

LOOPBACK = "127.0.0.1"
PORT_TRIES = 100  # ports probed from the preferred one on
LOCK_NAME = "\0gongshi-port-{}"  # abstract: no file, gone with its process, one namespace with the TCP ports


class NoFreePortError(GongshiError):
    """No port is free near the preferred one."""


@dataclass(frozen=True)
class PortReservation:
    """A port that no other gongshi process chooses until release(), whether something listens on it yet or not."""

    port: int
    lock: socket.socket

    def release(self) -> None:
        """Give the port up."""
        self.lock.close()


def reserve_port(preferred: int) -> PortReservation:
    """Reserve the first free port from the preferred one on; an ephemeral port for 0. Raises `NoFreePortError`."""
    for port in _candidates(preferred):
        lock = _lock_port(port)
        if lock is not None and is_free(port):
            return PortReservation(port, lock)
        if lock is not None:
            lock.close()
    raise NoFreePortError(f"no port from {preferred} to {preferred + PORT_TRIES - 1} is free on {LOOPBACK}; name another one")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port with connections in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def ephemeral_port() -> int:
    """Return a port that is free now, chosen by the kernel."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _candidates(preferred: int) -> Iterator[int]:
    if preferred:
        yield from range(preferred, min(preferred + PORT_TRIES, 65_536))
    else:
        yield from (ephemeral_port() for _ in range(PORT_TRIES))


def _lock_port(port: int) -> socket.socket | None:
    """Return the held lock of a port; None if another process holds it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if sys.platform != "linux":
        return lock  # no abstract names: the start itself finds a port that was taken meanwhile
    with suppress(OSError):
        lock.bind(LOCK_NAME.format(port))
        return lock
    lock.close()
    return None
