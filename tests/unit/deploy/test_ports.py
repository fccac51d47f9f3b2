"""Ports and sockets on the loopback address."""

import socket
import subprocess
import sys

import pytest

from deploy.embedded.ports import LOOPBACK, NoFreePortError, reserve_port
from deploy.sockets import PortInUseError, bind_listener, bind_listener_near

HOLDER = """
import sys
from deploy.embedded.ports import reserve_port
reservation = reserve_port(int(sys.argv[1]))
print(reservation.port, flush=True)
sys.stdin.read()
"""


def test_the_next_free_port_replaces_one_in_use() -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        preferred = other.getsockname()[1]
        reservation = reserve_port(preferred)

        assert reservation.port > preferred
        with bind_listener_near(LOOPBACK, preferred) as listener:
            assert listener.getsockname()[1] > preferred
        reservation.release()


def test_a_reserved_port_is_reserved_once_although_nothing_listens_yet() -> None:
    first = reserve_port(0)
    second = reserve_port(first.port)

    assert second.port > first.port

    first.release()
    third = reserve_port(first.port)
    assert third.port == first.port
    second.release()
    third.release()


def test_a_reservation_of_another_process_counts_and_ends_with_it() -> None:
    free = reserve_port(0)
    free.release()
    command = [sys.executable, "-c", HOLDER, str(free.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == free.port
        while_held = reserve_port(free.port)
        while_held.release()
        other.kill()
    afterwards = reserve_port(free.port)
    afterwards.release()

    assert while_held.port > free.port
    assert afterwards.port == free.port


def test_without_a_free_port_the_range_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.embedded.ports.is_free", lambda _: False)

    with pytest.raises(NoFreePortError, match="no port from 20000 to 20099 is free"):
        reserve_port(20_000)


def test_a_port_in_use_is_reported() -> None:
    with socket.create_server((LOOPBACK, 0)) as other, pytest.raises(PortInUseError, match="in use by another program"):
        bind_listener(LOOPBACK, other.getsockname()[1])


def test_port_zero_is_any_free_port() -> None:
    reservation = reserve_port(0)

    assert reservation.port > 0
    reservation.release()
