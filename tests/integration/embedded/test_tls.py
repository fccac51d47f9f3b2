"""A broker that speaks TLS only: every client of ours signs in over it, and none to a broker that cannot prove its name."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from confluent_kafka.admin import AdminClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from faststream.kafka import KafkaBroker
from pydantic import SecretStr

from deploy.embedded import Engines, kafka
from deploy.embedded.kafka import SUPER_USER
from shared.contracts.topics import REPORTS
from shared.settings import Settings
from shared.stream.broker_security import broker_security
from shared.stream.client_options import client_options, librdkafka_options
from shared.stream.topics import ensure_topics

DAY = timedelta(days=1)


def make_certificate(folder: Path, name: str) -> Path:
    """Write a certificate for 127.0.0.1 that signs itself; return the file, the key is in `NAME.key.pem` with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.pem").write_bytes(pem)
    (folder / f"{name}.key.pem").write_bytes(private + pem)
    return folder / f"{name}.pem"


@pytest.fixture
async def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Settings]:
    """Settings of a client of a broker whose clients' listener is SASL_SSL."""
    certificates = home.parent / "certificates"
    certificates.mkdir()
    authority = make_certificate(certificates, "broker")
    login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    speaks_tls = {
        "listener.security.protocol.map": "ACCOUNTS:SASL_PLAINTEXT,LOOPBACK:SASL_SSL,CONTROLLER:SASL_PLAINTEXT",
        "listener.name.loopback.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.loopback.plain.sasl.jaas.config": f'{login} user_{SUPER_USER}="over TLS";',
        "listener.name.loopback.ssl.keystore.type": "PEM",
        "listener.name.loopback.ssl.keystore.location": str(certificates / "broker.key.pem"),
        "listener.name.loopback.ssl.enabled.protocols": "TLSv1.2,TLSv1.3",
    }
    monkeypatch.setattr(kafka, "BROKER_SETTINGS", kafka.BROKER_SETTINGS | speaks_tls)
    async with Engines(home, database_url="postgresql://elsewhere/gongshi") as engines:
        yield Settings(
            kafka_bootstrap_servers=engines.kafka_bootstrap_servers,
            kafka_security_protocol="SASL_SSL",
            kafka_sasl_mechanism="PLAIN",
            kafka_sasl_username=SUPER_USER,
            kafka_sasl_password=SecretStr("over TLS"),
            kafka_ssl_cafile=authority,
        )


async def test_every_client_speaks_tls_and_verifies_certificate_and_name(settings: Settings) -> None:
    await ensure_topics(settings)
    producer = AIOKafkaProducer(**client_options(settings))
    await producer.start()
    await producer.send_and_wait(REPORTS, b"over TLS", partition=0)
    await producer.stop()
    consumer = AIOKafkaConsumer(REPORTS, **client_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    record = await consumer.getone()
    await consumer.stop()
    broker = KafkaBroker(settings.kafka_bootstrap_servers, security=broker_security(settings))
    await broker.connect()
    answers = await broker.ping(10.0)
    await broker.stop()
    topics = AdminClient(librdkafka_options(settings)).list_topics(timeout=10).topics

    assert record.value == b"over TLS"
    assert answers
    assert REPORTS in topics

    another = make_certificate(settings.kafka_ssl_cafile.parent if settings.kafka_ssl_cafile else Path(), "another")
    port = settings.kafka_bootstrap_servers.rpartition(":")[2]
    wrong = {
        "an authority of the system": {"kafka_ssl_cafile": None},
        "another authority": {"kafka_ssl_cafile": another},
        "another name": {"kafka_bootstrap_servers": f"localhost:{port}"},
        "no TLS": {"kafka_security_protocol": "SASL_PLAINTEXT"},
        "another password": {"kafka_sasl_password": SecretStr("guess")},
    }
    for what, change in wrong.items():
        stranger = AIOKafkaProducer(**client_options(settings.model_copy(update=change)), request_timeout_ms=3_000)
        try:
            with pytest.raises(KafkaConnectionError):
                await stranger.start()
        except BaseException as error:
            error.add_note(what)
            raise
        finally:
            await stranger.stop()
