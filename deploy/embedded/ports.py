"""TCP ports on the loopback address."""

import socket

from shared.errors import GongshiError

LOOPBACK = "127.0.0.1"
PORT_TRIES = 100  # ports probed from the preferred one on


class NoFreePortError(GongshiError):
    """No port is free near the preferred one."""


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


def find_free_port(preferred: int) -> int:
    """Return the first free port from the preferred one on; an ephemeral port for 0. Raises `NoFreePortError`."""
    if preferred == 0:
        return ephemeral_port()
    for port in range(preferred, min(preferred + PORT_TRIES, 65_536)):
        if is_free(port):
            return port
    raise NoFreePortError(f"no port from {preferred} to {preferred + PORT_TRIES - 1} is free on {LOOPBACK}; name another one")
