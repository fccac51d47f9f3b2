"""Sockets of services: no two on one port."""

from deploy.listening import bound, bound_near


def test_sockets_bound_one_after_the_other_have_different_ports():
    first = bound("127.0.0.1", 0)
    wanted = first.getsockname()[1]

    others = [bound_near("127.0.0.1", wanted) for _ in range(3)]

    assert len({socket.getsockname()[1] for socket in (first, *others)}) == 4
    for socket in (first, *others):
        socket.close()
