"""Frames between a service and its worker: a status, a length, as many bytes. The worker's side of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from struct import Struct

# Status and length of what follows.
HEAD = Struct(">BI")
ANSWERED, REFUSED, READY = 0, 1, 2


def to_frame(status: int, body: bytes) -> bytes:
    """Return a frame."""
    return HEAD.pack(status, len(body)) + body


def answer_requests(answer: Callable[[bytes], bytes]) -> None:
    """Say that the worker is ready, and answer requests until standard input ends; an error is told by its type alone."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(to_frame(READY, b""))
    answers.flush()
    while head := requests.read(HEAD.size):
        _status, length = HEAD.unpack(head)
        request = requests.read(length)
        try:
            frame = to_frame(ANSWERED, answer(request))
        except Exception as error:
            frame = to_frame(REFUSED, type(error).__name__.encode())
        answers.write(frame)
        answers.flush()
