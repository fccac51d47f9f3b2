"""How FastStream's broker reaches the brokers: as every other client."""

from __future__ import annotations

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.settings import Settings
from shared.stream.client_options import ssl_context

SASL_CLASSES = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def broker_security(settings: Settings) -> BaseSecurity | None:
    """Return what `client_options` says as FastStream takes it; None without TLS and account."""
    context = ssl_context(settings)
    if not settings.kafka_has_account:
        return BaseSecurity(ssl_context=context, use_ssl=True) if context else None
    return SASL_CLASSES[settings.kafka_sasl_mechanism](
        username=settings.kafka_sasl_username,
        password=settings.read_kafka_password(),
        ssl_context=context,
        use_ssl=context is not None,
    )
