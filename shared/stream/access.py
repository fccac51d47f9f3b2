"""Accounts at the broker, and their rights by the topic catalogue: a service reads what it consumes and writes what it says."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from time import monotonic

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, for_code
from pydantic import SecretStr

from shared.contracts.topics import CATALOGUE, REPORTS
from shared.database.logins import read_passwords
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream.access_protocol import (
    Operation,
    PatternType,
    Permission,
    ResourceType,
    Right,
    RightsRemoval,
    RightsRequest,
    ScramRequest,
)
from shared.stream.client_options import client_options

ACCOUNT_PREFIX = "gongshi-"
FILE_PREFIX = "kafka-"
SOURCE_PREFIX = "source-"
ANONYMOUS = "User:ANONYMOUS"
# Of every account but the super user's.
MECHANISM = "SCRAM-SHA-512"
SOURCES = "hotlines"
"""Who says reports in the catalogue: not one account, but one a source."""
KNOWN_WITHIN_S = 10.0
POLL_INTERVAL_S = 0.05
CLIENT_LOG = logging.getLogger("aiokafka")
NONE_SUCH = 91  # RESOURCE_NOT_FOUND: the account is gone already


class AccessRefused(PermanentError):
    """The broker refuses to change accounts or rights: that takes an account that may (KAFKA_SASL_USERNAME)."""


def account_names() -> tuple[str, ...]:
    """Return who has an account of its own, sources aside: owners and consumers of topics."""
    names = {topic.owner for topic in CATALOGUE} | {reader for topic in CATALOGUE for reader in topic.consumers}
    return tuple(sorted(names - {SOURCES}))


def file_of(account: str) -> str:
    """Return the name of the file with an account's password."""
    return FILE_PREFIX + account


def user_of(account: str) -> str:
    """Return the user name of a service's account."""
    return ACCOUNT_PREFIX + account


def user_of_source(source: str) -> str:
    """Return the user name of a source, whose own name may hold what a user name may not."""
    return SOURCE_PREFIX + hashlib.sha256(source.encode()).hexdigest()[:16]


def sign_in_as(settings: Settings, account: str) -> Settings:
    """Return the settings with a service's own account, whose password is in the folder."""
    (password,) = read_passwords(settings.kafka_accounts, (account,), file_of).values()
    return _with_account(settings, user_of(account), password)


def _with_account(settings: Settings, user: str, password: str) -> Settings:
    return settings.model_copy(
        update={
            "kafka_sasl_mechanism": MECHANISM,
            "kafka_sasl_username": user,
            "kafka_sasl_password": SecretStr(password),
            "kafka_sasl_password_file": None,
        }
    )


def rights_of(account: str, prefix: str) -> list[Right]:
    """Return the rights of a service: topics of the catalogue, and groups under its own name."""
    principal = f"User:{user_of(account)}"
    rights = [Right(principal, ResourceType.GROUP, user_of(account), Operation.READ, PatternType.PREFIXED)]
    for topic in CATALOGUE:
        operations = [Operation.WRITE] * (topic.owner == account) + [Operation.READ] * (account in topic.consumers)
        rights += [Right(principal, ResourceType.TOPIC, prefix + topic.name, operation) for operation in operations]
    return rights


def rights_of_source(user: str, prefix: str) -> list[Right]:
    """Return the rights of a source: to report, in transactions of its own name where it wants to."""
    principal = f"User:{user}"
    return [
        Right(principal, ResourceType.TOPIC, prefix + REPORTS, Operation.WRITE),
        Right(principal, ResourceType.TRANSACTIONAL_ID, user, Operation.WRITE, PatternType.PREFIXED),
    ]


def rights_of_anonymous(prefix: str) -> list[Right]:
    """Return what clients without an account may on the loopback listener: report, and read what other services say.

    They may not read reports, which hold personal data, and not join a service's group.
    """
    reports = [Operation.WRITE, Operation.CREATE, Operation.DELETE]
    rights = [Right(ANONYMOUS, ResourceType.TOPIC, prefix + REPORTS, operation) for operation in reports]
    rights += [
        Right(ANONYMOUS, ResourceType.TOPIC, prefix + topic.name, Operation.READ)
        for topic in CATALOGUE
        if topic.name != REPORTS
    ]
    group = ResourceType.GROUP
    return [
        *rights,
        Right(ANONYMOUS, ResourceType.TRANSACTIONAL_ID, "*", Operation.WRITE),
        Right(ANONYMOUS, group, "*", Operation.READ),
        Right(ANONYMOUS, group, ACCOUNT_PREFIX, Operation.READ, PatternType.PREFIXED, Permission.DENY),
    ]


async def ensure_access(settings: Settings, passwords: Mapping[str, str], *, anonymous: bool = False) -> None:
    """Give the accounts of the services their passwords and rights. Raises `AccessRefused`, `KafkaError`.

    passwords: by account. anonymous: whether clients without an account may report; if not, their rights are taken.
    """
    rights = [right for account in passwords for right in rights_of(account, settings.topic_prefix)]
    if anonymous:
        rights += rights_of_anonymous(settings.topic_prefix)
    async with _open_admin(settings) as admin:
        await _grant(admin, rights)
        if not anonymous:
            await _revoke(admin, [ANONYMOUS])
        await _set_passwords(admin, {user_of(account): password for account, password in passwords.items()})
    for account, password in [*passwords.items()][-1:]:
        await _wait_known(settings, user_of(account), password)


async def add_source_account(settings: Settings, source: str, password: str) -> str:
    """Give a source an account, or its account a new password; return its user name. Raises `AccessRefused`, `KafkaError`."""
    user = user_of_source(source)
    async with _open_admin(settings) as admin:
        await _grant(admin, rights_of_source(user, settings.topic_prefix))
        await _set_passwords(admin, {user: password})
    await _wait_known(settings, user, password)
    return user


async def remove_source_account(settings: Settings, source: str) -> None:
    """Take a source's rights and its account; a connection that is open may do nothing from then on."""
    user = user_of_source(source)
    async with _open_admin(settings) as admin:
        await _revoke(admin, [f"User:{user}"])
        await _set_passwords(admin, {}, removed=[user])


async def _wait_known(settings: Settings, user: str, password: str) -> None:
    """Wait until the broker knows an account, and with it what was changed before: it applies its own log a moment later."""
    options = client_options(_with_account(settings, user, password))
    deadline = monotonic() + KNOWN_WITHIN_S
    with _expected_refusals():
        while True:
            client = AIOKafkaClient(**options)
            try:
                await client.bootstrap()
            except KafkaError:
                if monotonic() > deadline:
                    raise
                await asyncio.sleep(POLL_INTERVAL_S)
            else:
                return
            finally:
                await client.close()


@contextmanager
def _expected_refusals() -> Iterator[None]:
    """Keep out of the log that the broker refuses an account which it does not know yet."""
    was_disabled, CLIENT_LOG.disabled = CLIENT_LOG.disabled, True
    try:
        yield
    finally:
        CLIENT_LOG.disabled = was_disabled


@asynccontextmanager
async def _open_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**client_options(settings))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _set_passwords(admin: AIOKafkaAdminClient, passwords: Mapping[str, str], removed: Sequence[str] = ()) -> None:
    response = await admin._send_request(ScramRequest(passwords, removed))  # noqa: SLF001 - aiokafka has no method for it
    _check((code, message) for _, code, message, _ in response.results if code != NONE_SUCH)


async def _grant(admin: AIOKafkaAdminClient, rights: Sequence[Right]) -> None:
    response = await admin._send_request(RightsRequest(rights))  # noqa: SLF001 - aiokafka's request takes one
    _check(response.creation_responses)


async def _revoke(admin: AIOKafkaAdminClient, principals: Sequence[str]) -> None:
    response = await admin._send_request(RightsRemoval(principals))  # noqa: SLF001 - aiokafka has no method for it
    _check((code, message) for code, message, _ in response.filter_responses)


def _check(outcomes: Iterable[tuple[int, str | None]]) -> None:
    for code, message in outcomes:
        if code:
            raise AccessRefused(f"{for_code(code).__name__}: {message}. {AccessRefused.__doc__}")
