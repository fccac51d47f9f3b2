"""The guard: an engine ends with its parent, well at first and surely in the end."""

import signal
import subprocess
import sys
from pathlib import Path

from deploy.embedded.process import GUARD

POLITE = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('up', flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


def guard(program: str, grace: float) -> subprocess.Popen[str]:
    options = [f"--stop-signal={signal.SIGTERM:d}", f"--last-signal={signal.SIGKILL:d}", f"--grace={grace}"]
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


def test_the_end_of_the_pipe_asks_the_engine_to_end() -> None:
    with guard(POLITE, grace=30) as process:
        assert is_up(process)
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait() == 7


def test_an_engine_that_does_not_listen_is_ended_after_the_grace() -> None:
    with guard(DEAF, grace=0.1) as process:
        assert is_up(process)
        assert process.stdin is not None
        process.stdin.close()

        assert process.wait() == 128 + signal.SIGKILL


def test_the_guard_says_the_engines_process_and_passes_on_its_exit_code() -> None:
    with guard("import sys; sys.exit(3)", grace=1) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())

        assert process.wait() == 3
        assert not Path(f"/proc/{pid}").exists()
