"""The sockets that services listen on: bound before a service starts, so that no other program can slip in."""

from __future__ import annotations

import errno
import socket

from shared.errors import GongshiError

BACKLOG = 2048
TRIES = 100  # ports looked at after the wanted one


class PortTakenError(GongshiError):
    """Another program listens on the wanted port."""


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the address; port 0 is any. Raises PortTakenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Bound alone would let a second socket of ours take the same port; and what connects before the service is up waits.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(f"Port {port} on {host} is taken by another program.") from error
    return listener


def bound_near(host: str, wanted: int) -> socket.socket:
    """Return a socket that listens on the first free port from the wanted one on. Raises PortTakenError if there is none."""
    for port in range(wanted, min(wanted + TRIES, 65_536)):
        try:
            return bound(host, port)
        except PortTakenError:
            continue
    raise PortTakenError(f"No port from {wanted} to {wanted + TRIES - 1} is free on {host}.")
