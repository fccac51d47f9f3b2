"""The account of a source at the broker: its password is the source's key."""

from __future__ import annotations

from deploy.broker_errors import translate_broker_errors
from deploy.runtime import KafkaAccess
from shared.contracts.topics import REPORTS
from shared.settings import Settings
from shared.stream.access import MECHANISM, add_source_account, remove_source_account, user_of_source


def source_access(settings: Settings, source: str, key: str) -> KafkaAccess | None:
    """Return what a Kafka client of a source needs; None where the broker's address is not known."""
    if not settings.kafka_bootstrap_servers:
        return None
    access = KafkaAccess(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        security_protocol=settings.kafka_security_protocol,
        topic=settings.topic_prefix + REPORTS,
    )
    if not settings.kafka_has_account:
        return access
    user = user_of_source(source)
    account = {"sasl_mechanism": MECHANISM, "username": user, "password": key, "transactional_id_prefix": user}
    return access.model_copy(update=account)


async def give_account(settings: Settings, source: str, key: str) -> None:
    """Give a source its account, where the broker has accounts. Raises `AccessRefused`, `EngineUnavailable`."""
    if settings.kafka_bootstrap_servers and settings.kafka_has_account:
        with translate_broker_errors():
            await add_source_account(settings, source, key)


async def take_account(settings: Settings, source: str) -> None:
    """Take a source's account, where the broker has accounts. Raises `AccessRefused`, `EngineUnavailable`."""
    if settings.kafka_bootstrap_servers and settings.kafka_has_account:
        with translate_broker_errors():
            await remove_source_account(settings, source)
