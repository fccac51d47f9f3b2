"""Mail by SMTP: one transport for every service that writes to people outside, and which addresses are taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import make_msgid

import aiosmtplib
import structlog

from shared.settings import Settings

log = structlog.get_logger(__name__)
TIMEOUT_S = 20.0
# What mail servers on the way take: one address, without comments or quotes.
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{LABEL}\.)+[A-Za-z]{{2,63}}")


def is_mail_address(text: str) -> bool:
    """Return whether a text is one address."""
    return ADDRESS.fullmatch(text) is not None


class MailTransport:
    """Sends plain texts by the mail server of the settings; without one it sends nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def is_available(self) -> bool:
        """Whether there is a mail server."""
        return bool(self._settings.smtp_host)

    async def send(self, address: str, title: str, lines: Sequence[str], headers: Mapping[str, str] | None = None) -> bool:
        """Send a mail; return whether the server took it."""
        settings = self._settings
        message = EmailMessage()
        message["Subject"] = title
        message["From"] = settings.mail_from
        message["To"] = address
        message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2].rstrip(">") or "gongshi.invalid")
        message["Auto-Submitted"] = "auto-generated"
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content("\n\n".join(lines))
        password = settings.read_smtp_password()
        try:
            await aiosmtplib.send(
                message, hostname=settings.smtp_host, port=settings.smtp_port, timeout=TIMEOUT_S,
                use_tls=settings.smtp_security == "tls", start_tls=settings.smtp_security == "starttls",
                username=settings.smtp_username or None, password=password or None,
            )  # fmt: skip
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.warning("mail_not_sent", error=type(error).__name__)
            return False
        return True
