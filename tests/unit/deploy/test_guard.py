"""The guard: an engine ends with its parent, cleanly or, after the grace period, by force."""

import signal
import subprocess
import sys
from pathlib import Path

from deploy.embedded.process import GUARD

STOPS_ON_SIGTERM = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('up', flush=True); signal.pause()"
)
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def guard(program: str, grace: float) -> subprocess.Popen[str]:
    options = [f"--stop-signal={signal.SIGTERM:d}", f"--kill-signal={signal.SIGKILL:d}", f"--grace={grace}"]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(GUARD), *options, "--", sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_up(process: subprocess.Popen[str]) -> bool:
    assert process.stderr is not None
    return process.stderr.readline() == "up\n"


def test_end_of_file_on_the_pipe_stops_the_engine() -> None:
    with guard(STOPS_ON_SIGTERM, grace=30) as process:
        assert is_up(process)
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait() == 7


def test_an_engine_that_ignores_the_signal_is_killed_after_the_grace_period() -> None:
    with guard(IGNORES_SIGTERM, grace=0.1) as process:
        assert is_up(process)
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait() == 128 + signal.SIGKILL


def test_the_guard_prints_the_engines_pid_and_returns_its_exit_code() -> None:
    with guard("import sys; sys.exit(3)", grace=1) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())

        assert process.wait() == 3
        assert not Path(f"/proc/{pid}").exists()
