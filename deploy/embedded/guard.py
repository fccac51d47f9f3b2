"""Runs one engine and stops it when the process that started it is gone.

Standard library only: it is started by path, in isolated mode, and costs 20 ms and 9 MB. Its standard input is a pipe
whose write end the parent holds: end of file (the parent closed it or died) means stop. The guard is the parent of the
engine, hence the kernel kills the engine when the guard is killed. It prints the engine's process id as one line on
standard output; the engine writes to the guard's standard error.
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
    """Run the command to its end and return its exit code (128 + signal if a signal ended it)."""
    options = parse(arguments)
    signal_fd = open_signal_pipe()
    engine = subprocess.Popen(  # noqa: S603 (the parent composes the command)
        options.command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=prepare_child(options, os.getpid()),  # noqa: PLW1509 (this process has one thread)
    )
    sys.stdout.write(f"{engine.pid}\n")
    sys.stdout.flush()
    code = supervise(engine, signal_fd, options)
    return code if code >= 0 else 128 - code


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the options and, after `--`, the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stop-signal", type=int, required=True, help="asks the engine for a clean shutdown")
    parser.add_argument("--kill-signal", type=int, required=True, help="ends it after the grace period, or when the guard dies")
    parser.add_argument("--grace", type=float, required=True, help="seconds between the two")
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("--dac-override", action="store_true", help="let that account enter directories closed to it")
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def open_signal_pipe() -> int:
    """Return the read end of a pipe on which every signal arrives as one byte, its number."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable


def supervise(engine: subprocess.Popen[bytes], signal_fd: int, options: argparse.Namespace) -> int:
    """Wait for the end of the engine or the parent, then stop the engine: cleanly, or by force after the grace period."""
    sources = [sys.stdin.fileno(), signal_fd]
    deadline: float | None = None
    while engine.poll() is None:
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(sources, [], [], timeout)
        is_stop_requested = signal_fd in ready and bool(set(os.read(signal_fd, 64)) - {signal.SIGCHLD})
        if sys.stdin.fileno() in ready:
            is_stop_requested = True
            sources.remove(sys.stdin.fileno())
        if is_stop_requested and deadline is None:
            send_signal(engine, options.stop_signal)
            deadline = time.monotonic() + options.grace
        elif deadline is not None and time.monotonic() >= deadline:
            send_signal(engine, options.kill_signal)
            deadline = time.monotonic() + options.grace
    return engine.returncode


def send_signal(engine: subprocess.Popen[bytes], number: int) -> None:
    """Signal the engine, and resume it if SIGSTOP has stopped it: a stopped process cannot end."""
    with contextlib.suppress(ProcessLookupError):
        engine.send_signal(number)
        engine.send_signal(signal.SIGCONT)


def prepare_child(options: argparse.Namespace, guard: int) -> Callable[[], None]:
    """Return what the child runs between fork and exec; safe because the guard has one thread."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if options.uid is not None:
            switch_account(libc, options.uid, options.gid, dac_override=options.dac_override)
        # After the change of account, which clears the parent death signal.
        libc.prctl(PR_SET_PDEATHSIG, options.kill_signal, 0, 0, 0)
        if os.getppid() != guard:
            os._exit(1)

    return prepare


def switch_account(libc: ctypes.CDLL, uid: int, gid: int, *, dac_override: bool) -> None:
    """Switch from root to another account; `dac_override` keeps the capability to enter directories closed to it."""
    if dac_override:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if dac_override:
        keep = 1 << CAP_DAC_OVERRIDE
        header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
        sets = struct.pack("=6I", keep, keep, keep, 0, 0, 0)
        if libc.capset(header, sets) or libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0):
            raise OSError(ctypes.get_errno(), "the engine's account cannot be given access to the state directory")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
