"""A mail server of the tests, and what it took."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Inbox:
    """What the mail server took."""

    def __init__(self):
        self.messages, self.refuse = [], False

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 its name in aiosmtpd
        if self.refuse:
            return "451 try later"
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def run_server():
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()
