"""Threads of a service share the allocator's arenas."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Threads that hold memory at the same time would take an arena each; glibc says how many there are.
PROGRAM = """
import ctypes, sys, threading
from deploy.memory import bound_arenas
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
if sys.argv[1] == "bound":
    bound_arenas()
together = threading.Barrier(6)
def hold():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=hold) for _ in range(6)]
[each.start() for each in threads], [each.join() for each in threads]
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stderr"))
"""


def arenas(mode: str) -> int:
    process = subprocess.run([sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True)
    return process.stderr.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator is glibc's")
def test_a_service_has_two_arenas_however_many_threads_it_has():
    assert arenas("bound") <= 2 < arenas("free")
