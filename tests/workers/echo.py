"""A worker that answers a request with itself, refuses one that says so, keeps silent on another, and holds one back."""

import sys
import time
from pathlib import Path

from shared.worker_process.frames import answer_requests

HOLD = b"hold "


def answer(request: bytes) -> bytes:
    if request == b"refuse":
        raise LookupError("张晓梅")
    if request == b"silent":
        sys.stdin.buffer.read()
    if request.startswith(HOLD):
        # The file says that the request is here, and its end lets the answer go.
        held = Path(request.removeprefix(HOLD).decode())
        held.touch()
        while held.exists():
            time.sleep(0.01)
    return request


if __name__ == "__main__":
    answer_requests(answer)
