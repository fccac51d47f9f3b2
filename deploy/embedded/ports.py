"""TCP ports on the loopback address."""

import socket

from shared.errors import GongshiError

LOOPBACK = "127.0.0.1"
TRIES = 100  # ports looked at after the preferred one


class NoFreePortError(GongshiError):
    """No port is free near the wanted one."""


def is_free(port: int) -> bool:
    """Whether a server could listen on port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are in TIME_WAIT counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_port() -> int:
    """A port that is free now, chosen by the kernel."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def free_port(wanted: int) -> int:
    """The first free port from wanted on; any free one if wanted is 0."""
    if wanted == 0:
        return any_port()
    for port in range(wanted, min(wanted + TRIES, 65_536)):
        if is_free(port):
            return port
    raise NoFreePortError(f"no port from {wanted} to {wanted + TRIES - 1} is free on {LOOPBACK}; name another one")
