"""Listening sockets of services: each has a port of its own."""

from deploy.sockets import bind_listener, bind_listener_near


def test_listeners_with_the_same_preferred_port_have_different_ports():
    first = bind_listener("127.0.0.1", 0)
    preferred = first.getsockname()[1]

    others = [bind_listener_near("127.0.0.1", preferred) for _ in range(3)]

    assert len({socket.getsockname()[1] for socket in (first, *others)}) == 4
    for socket in (first, *others):
        socket.close()
