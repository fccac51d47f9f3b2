"""Runs one engine and stops it when the process that asked for it is gone.

Standard library only: it is started by path, in isolated mode, so that it costs 20 ms and 9 MB. Its standard input is
a pipe whose other end the parent holds; end of file there (the parent closed it, or died in whatever way) means stop.
The guard is the only parent of the engine, hence the kernel kills the engine should the guard itself be killed.
It says the engine's process id as one line on standard output; the engine writes to the guard's standard error.
"""

import argparse
import contextlib
import ctypes
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable

# linux/prctl.h, linux/capability.h
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> int:
    """Run the command to its end and answer with its exit code (128 + signal if a signal ended it)."""
    options = parse(arguments)
    wake = signals_as_bytes()
    engine = subprocess.Popen(  # noqa: S603 (our own parent composes the command)
        options.command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=before_exec(options, os.getpid()),  # noqa: PLW1509 (this process has one thread)
    )
    sys.stdout.write(f"{engine.pid}\n")
    sys.stdout.flush()
    code = watch(engine, wake, options)
    return code if code >= 0 else 128 - code


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the options and, after `--`, the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stop-signal", type=int, required=True, help="asks the engine to end well")
    parser.add_argument("--last-signal", type=int, required=True, help="ends it after the grace, or when the guard dies")
    parser.add_argument("--grace", type=float, required=True, help="seconds between the two")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("--reach", action="store_true", help="let that account pass directories closed to it")
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def signals_as_bytes() -> int:
    """The readable end of a pipe on which every signal that arrives is one byte, its number."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable


def watch(engine: subprocess.Popen[bytes], wake: int, options: argparse.Namespace) -> int:
    """Wait for the engine's end, or for the parent's, and then end the engine: first well, after the grace surely."""
    sources = [sys.stdin.fileno(), wake]
    deadline: float | None = None
    while engine.poll() is None:
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(sources, [], [], timeout)
        asked = wake in ready and bool(set(os.read(wake, 64)) - {signal.SIGCHLD})
        if sys.stdin.fileno() in ready:
            asked = True
            sources.remove(sys.stdin.fileno())
        if asked and deadline is None:
            send(engine, options.stop_signal)
            deadline = time.monotonic() + options.grace
        elif deadline is not None and time.monotonic() >= deadline:
            send(engine, options.last_signal)
            deadline = time.monotonic() + options.grace
    return engine.returncode


def send(engine: subprocess.Popen[bytes], number: int) -> None:
    """Signal the engine; one that was stopped by SIGSTOP is woken, else it could not end."""
    with contextlib.suppress(ProcessLookupError):
        engine.send_signal(number)
        engine.send_signal(signal.SIGCONT)


def before_exec(options: argparse.Namespace, guard: int) -> Callable[[], None]:
    """What the engine's process does first. The guard has one thread, hence this is safe after the fork."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if options.uid is not None:
            become(libc, options.uid, options.gid, reach=options.reach)
        # After the change of account: the kernel forgets the signal then.
        libc.prctl(PR_SET_PDEATHSIG, options.last_signal, 0, 0, 0)
        if os.getppid() != guard:
            os._exit(1)

    return prepare


def become(libc: ctypes.CDLL, uid: int, gid: int, *, reach: bool) -> None:
    """Leave root for another account; `reach` keeps the one capability that passes directories closed to it."""
    if reach:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if reach:
        keep = 1 << CAP_DAC_OVERRIDE
        header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
        sets = struct.pack("=6I", keep, keep, keep, 0, 0, 0)
        if libc.capset(header, sets) or libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0):
            raise OSError(ctypes.get_errno(), "the engine's account cannot be given access to the state directory")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
