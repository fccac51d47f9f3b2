"""Ports and sockets on the loopback address."""

import socket

import pytest

from deploy.embedded.ports import LOOPBACK, free_port
from deploy.listening import PortTakenError, bound, bound_near


def test_the_next_free_port_is_taken_when_the_wanted_one_is_not_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        wanted = other.getsockname()[1]

        assert free_port(wanted) > wanted
        with bound_near(LOOPBACK, wanted) as listener:
            assert listener.getsockname()[1] > wanted


def test_a_taken_port_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as other, pytest.raises(PortTakenError, match="taken by another program"):
        bound(LOOPBACK, other.getsockname()[1])


def test_zero_is_any_port() -> None:
    assert free_port(0) > 0
