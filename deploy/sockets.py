"""Listening sockets of services, bound before the service starts, so that no other program can take the port."""

from __future__ import annotations

import errno
import socket

from shared.errors import GongshiError

BACKLOG = 2048
# A client that does not read takes at most this in the kernel; 256 KiB at 100 ms are 2.5 MB a second.
SEND_BUFFER = 256 * 1024
# A peer that has gone without a word: asked after half a minute, given up after another.
KEEP_ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
PORT_TRIES = 100  # ports tried from the preferred one on


class PortInUseError(GongshiError):
    """Another program listens on the port."""


def bind_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; port 0 is any free one. Raises `PortInUseError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _bound_connections(listener)
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


def _bound_connections(listener: socket.socket) -> None:
    """Set what every accepted connection inherits."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    for name, value in KEEP_ALIVE.items():
        if option := getattr(socket, name, None):  # not every system has each
            listener.setsockopt(socket.IPPROTO_TCP, option, value)


def bind_listener_near(host: str, preferred: int) -> socket.socket:
    """Return a socket that listens on the first free port from the preferred one on. Raises `PortInUseError`."""
    for port in range(preferred, min(preferred + PORT_TRIES, 65_536)):
        try:
            return bind_listener(host, port)
        except PortInUseError:
            continue
    raise PortInUseError(f"No port from {preferred} to {preferred + PORT_TRIES - 1} is free on {host}.")
