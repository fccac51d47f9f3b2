"""How every client reaches the broker: addresses, TLS, account."""

from __future__ import annotations

import ssl
from typing import Any

from shared.settings import Settings

LOGIN_MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def client_options(settings: Settings) -> dict[str, Any]:
    """Return the arguments of a client of aiokafka."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": ssl_context(settings),
    }
    if settings.kafka_has_account:
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.read_kafka_password(),
        }
    return options


def librdkafka_options(settings: Settings) -> dict[str, str]:
    """Return the same as properties of librdkafka, for clients of other kinds."""
    options = {"bootstrap.servers": settings.kafka_bootstrap_servers, "security.protocol": settings.kafka_security_protocol}
    if settings.kafka_has_account:
        options |= {
            "sasl.mechanism": settings.kafka_sasl_mechanism,
            "sasl.username": settings.kafka_sasl_username,
            "sasl.password": settings.read_kafka_password(),
        }
    if settings.kafka_ssl_cafile is not None:
        options["ssl.ca.location"] = str(settings.kafka_ssl_cafile)
    return options


def java_options(settings: Settings) -> dict[str, str]:
    """Return the same as properties of Kafka's own clients, in Java."""
    options = {"bootstrap.servers": settings.kafka_bootstrap_servers, "security.protocol": settings.kafka_security_protocol}
    if settings.kafka_has_account:
        mechanism, module = settings.kafka_sasl_mechanism, LOGIN_MODULES[settings.kafka_sasl_mechanism]
        account = {"username": settings.kafka_sasl_username, "password": settings.read_kafka_password()}
        quoted = " ".join(f'{name}="{_escape_jaas(value)}"' for name, value in account.items())
        options |= {"sasl.mechanism": mechanism, "sasl.jaas.config": f"{module} required {quoted};"}
    if settings.kafka_ssl_cafile is not None:
        options |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(settings.kafka_ssl_cafile)}
    return options


def _escape_jaas(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """Return a context that verifies the broker's certificate and name, by the authorities of the file or the system."""
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    context = ssl.create_default_context(cafile=settings.kafka_ssl_cafile)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.kafka_ssl_certfile is not None:
        context.load_cert_chain(settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile)
    return context
