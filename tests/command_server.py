"""The process that runs commands for `tests.commands`: it has imported them once and forks for each.

Started with the number of a socket of datagrams. A message is the JSON of a `Request` with four descriptors: standard input, output and
error of the command, and a pipe on which its exit code comes back. It ends when the tests close their end of the socket.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from importlib import import_module
from pkgutil import iter_modules

import deploy.cli

MESSAGE_BYTES = 1 << 20
HEAVY = {"bench", "channel_benches", "demo", "quality", "__main__"}
"""Modules of `deploy.cli` that are not imported beforehand: no test runs them here."""


def serve(requests: socket.socket) -> None:
    """Run one command after the other until the other end is closed."""
    for module in iter_modules(deploy.cli.__path__):
        if module.name not in HEAVY:
            import_module(f"deploy.cli.{module.name}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits here for those who wait for a command
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, MESSAGE_BYTES, 4)
        if not message:
            return
        if os.fork() == 0:
            requests.close()
            _wait_for(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _wait_for(request: dict, descriptors: list[int]) -> None:
    """Run the command in a child of its own and say its exit code; the process ends here."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, answer = descriptors
    child = os.fork()
    if child == 0:
        os.close(answer)
        _become(request, standard)
    for descriptor in standard:
        os.close(descriptor)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(answer, str(code).encode())
    os._exit(0)


def _become(request: dict, standard: list[int]) -> None:
    """Be the command: its environment, folder, arguments and streams."""
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = ["gongshi", *request["arguments"]]
    sys.modules["__main__"].__package__ = ""  # so that help speaks of `gongshi` and not of this module
    code = 1
    try:
        deploy.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
