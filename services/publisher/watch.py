"""The watch over screens, queues and the certificate: gauges that the alert rules read."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from datetime import datetime
from urllib.parse import urlsplit

import asyncpg
import structlog
from cryptography import x509

from services.publisher.bureau import BureauContext
from services.publisher.domain.item_terms import LIMITS
from services.publisher.planning import fetch_duties, fetch_item_terms
from services.publisher.store import desk, screens
from shared.accounts.service_states import Attention
from shared.metrics import CERTIFICATE_EXPIRES, PLAN_LATE, QUEUE_AGE, SCREENS_LOST
from shared.stream import Database, UnitOfWork

NAME = "publisher"
QUEUES = ("urgent", "draft", "returned", "approved", "stopped")
WATCH_INTERVAL_S = 60.0
CERTIFICATE_INTERVAL_S = 3600.0
ANSWER_S = 10.0
HTTPS_PORT = 443
log = structlog.get_logger(__name__)


async def find_waiting(connection: asyncpg.Connection, now: datetime) -> list[Attention]:
    """Return the screens that are lost and the oldest version of each queue, for the operations page."""
    lost = await screens.fetch_lost_screens(connection, now)
    oldest = await desk.fetch_oldest_by_queue(connection)
    return [
        *(Attention(code="screen_lost", subject=each.name, since=each.seen_at) for each in lost),
        *(Attention(code=f"queue_{queue}", since=oldest[queue]) for queue in QUEUES if queue in oldest),
    ]


async def _count_late(uow: UnitOfWork, bureau: BureauContext) -> Counter[str]:
    """Return how many duties of each rule of the plan are late, and items past a limit of their kind; series from the start."""
    today, late = bureau.today(uow.now), Counter(dict.fromkeys((*bureau.rules(uow.now).plan, *LIMITS.values()), 0))
    late.update(duty.code for duty in await fetch_duties(uow.connection, bureau, uow.now) if duty.is_late(today))
    terms = await fetch_item_terms(uow.connection, bureau, uow.now)
    late.update(LIMITS[term.item.purpose] for term in terms if term.is_late(today))
    return late


class PublisherWatch:
    """Measures what passes with time alone."""

    def __init__(self, database: Database, leased: set[str], public_url: str, bureau: BureauContext | None = None) -> None:
        self._database = database
        self._bureau = bureau
        self._leased = leased
        self._public_url = public_url

    async def check(self) -> None:
        """Store which screens were given leases since the last time; measure lost screens, the age of queues, the plan."""
        seen = set(self._leased)
        self._leased.clear()
        async with self._database.unit_of_work() as uow:
            await screens.set_seen(uow.connection, seen, uow.now)
            SCREENS_LOST.set(len(await screens.fetch_lost_screens(uow.connection, uow.now)))
            oldest = await desk.fetch_oldest_by_queue(uow.connection)
            late = await _count_late(uow, self._bureau) if self._bureau else Counter[str]()
        for code, count in late.items():
            PLAN_LATE.labels(code).set(count)
        for queue in QUEUES:
            QUEUE_AGE.labels(queue).set((uow.now - oldest[queue]).total_seconds() if queue in oldest else 0)

    async def watch_certificate(self) -> None:
        """Look at the certificate of the public address; one that cannot be reached is logged."""
        try:
            await self.check_certificate()
        except (OSError, TimeoutError) as error:
            log.warning("certificate_unreachable", error=type(error).__name__)

    async def check_certificate(self) -> None:
        """Measure until when the certificate is valid; there is none without TLS. Raises `OSError`, `TimeoutError`."""
        address = urlsplit(self._public_url)
        if address.scheme == "https" and address.hostname:
            certificate = await fetch_certificate(address.hostname, address.port or HTTPS_PORT)
            CERTIFICATE_EXPIRES.labels(NAME).set(certificate.not_valid_after_utc.timestamp())


async def fetch_certificate(host: str, port: int) -> x509.Certificate:
    """Return the certificate that a server shows, whoever signed it, also one that has expired."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with asyncio.timeout(ANSWER_S):
        _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return x509.load_der_x509_certificate(shown)
