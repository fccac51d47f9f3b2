"""Listening sockets of services, bound before the service starts, so that no other program can take the port."""

from __future__ import annotations

import errno
import socket

from shared.errors import GongshiError

BACKLOG = 2048
PORT_TRIES = 100  # ports tried from the preferred one on


class PortInUseError(GongshiError):
    """Another program listens on the port."""


def bind_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; port 0 is any free one. Raises `PortInUseError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Without listen() a second socket could bind the same port. Connections queue until the service accepts them.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortInUseError(f"Port {port} on {host} is in use by another program.") from error
    return listener


def bind_listener_near(host: str, preferred: int) -> socket.socket:
    """Return a socket that listens on the first free port from the preferred one on. Raises `PortInUseError`."""
    for port in range(preferred, min(preferred + PORT_TRIES, 65_536)):
        try:
            return bind_listener(host, port)
        except PortInUseError:
            continue
    raise PortInUseError(f"No port from {preferred} to {preferred + PORT_TRIES - 1} is free on {host}.")
