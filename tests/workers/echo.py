"""A worker that answers a request with itself, refuses one that says so, and keeps silent on another."""

import sys

from shared.worker_process.frames import answer_requests


def answer(request: bytes) -> bytes:
    if request == b"refuse":
        raise LookupError("张晓梅")
    if request == b"silent":
        sys.stdin.buffer.read()
    return request


if __name__ == "__main__":
    answer_requests(answer)
