"""What a client of a source needs to report over Kafka."""

from __future__ import annotations

from deploy.source_accounts import source_access
from shared.settings import Settings
from shared.stream.access import rights_of_source


def test_a_source_is_told_with_what_its_transactional_ids_begin():
    settings = Settings(
        kafka_bootstrap_servers="broker:9092",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="a",
        kafka_sasl_password="b",
    )

    access = source_access(settings, "/hotlines/1", "key")

    assert access is not None
    assert access.transactional_id_prefix in {right.name for right in rights_of_source(access.username or "", "")}
