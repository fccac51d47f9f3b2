"""Ports and sockets on the loopback address."""

import socket

import pytest

from deploy.embedded.ports import LOOPBACK, find_free_port
from deploy.sockets import PortInUseError, bind_listener, bind_listener_near


def test_the_next_free_port_replaces_one_in_use() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        preferred = other.getsockname()[1]

        assert find_free_port(preferred) > preferred
        with bind_listener_near(LOOPBACK, preferred) as listener:
            assert listener.getsockname()[1] > preferred


def test_a_port_in_use_is_reported() -> None:
    with socket.create_server((LOOPBACK, 0)) as other, pytest.raises(PortInUseError, match="in use by another program"):
        bind_listener(LOOPBACK, other.getsockname()[1])


def test_port_zero_is_any_free_port() -> None:
    assert find_free_port(0) > 0
