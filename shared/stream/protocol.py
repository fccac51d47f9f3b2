"""Requests of the Kafka protocol that aiokafka lacks: topic ids (KIP-516), fetches by them, and single settings of topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from uuid import UUID

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.types import (
    AbstractType,
    Array,
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Int64,
    Schema,
    String,
    TaggedFields,
)

CONSUMER = -1
UNKNOWN = -1
NO_SESSION, FINAL_EPOCH = 0, -1
NO_UUID = UUID(int=0)
TOPIC_RESOURCE = 2
SET, DELETE = 0, 1
NO_TAGS: dict[int, bytes] = {}


class Uuid(AbstractType[UUID]):  # type: ignore[misc]
    """16 bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        """Return the bytes of a UUID."""
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        """Read a UUID."""
        return UUID(bytes=data.read(16))


class MetadataResponse_v12(Response):  # type: ignore[misc]  # noqa: N801 - named as aiokafka names them
    """Brokers, and the topics that were asked for with their ids."""

    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class MetadataRequest_v12(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """A request of the metadata of topics by name."""

    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = MetadataResponse_v12
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class TopicIdRequest(Request[MetadataRequest_v12]):  # type: ignore[misc]
    """Asks for the metadata of topics, ids included (brokers from 3.1 on)."""

    API_KEY = 3

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[MetadataRequest_v12]) -> MetadataRequest_v12:
        """Return the request; no topic is created by it."""
        topics = [(NO_UUID, name, NO_TAGS) for name in self._topics]
        return request_struct_class(topics, False, False, NO_TAGS)  # noqa: FBT003 - fields of the protocol


class FetchResponse_v13(Response):  # type: ignore[misc]  # noqa: N801
    """Records by topic id."""

    API_KEY = 1
    API_VERSION = 13
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("session_id", Int32),
        (
            "topics",
            CompactArray(
                ("topic_id", Uuid),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("highwater_offset", Int64),
                        ("last_stable_offset", Int64),
                        ("log_start_offset", Int64),
                        (
                            "aborted_transactions",
                            CompactArray(("producer_id", Int64), ("first_offset", Int64), ("tags", TaggedFields)),
                        ),
                        ("preferred_read_replica", Int32),
                        ("records", CompactBytes),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class FetchRequest_v13(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """A fetch by topic id: the broker refuses it when the topic of that name has another id."""

    FLEXIBLE_VERSION = True
    API_KEY = 1
    API_VERSION = 13
    RESPONSE_TYPE = FetchResponse_v13
    SCHEMA = Schema(
        ("replica_id", Int32),
        ("max_wait_time", Int32),
        ("min_bytes", Int32),
        ("max_bytes", Int32),
        ("isolation_level", Int8),
        ("session_id", Int32),
        ("session_epoch", Int32),
        (
            "topics",
            CompactArray(
                ("topic_id", Uuid),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("current_leader_epoch", Int32),
                        ("fetch_offset", Int64),
                        ("last_fetched_epoch", Int32),
                        ("log_start_offset", Int64),
                        ("max_bytes", Int32),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        (
            "forgotten_topics_data",
            CompactArray(("topic_id", Uuid), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)),
        ),
        ("rack_id", CompactString("utf-8")),
        ("tags", TaggedFields),
    )


class FetchByIdRequest(Request[FetchRequest_v13]):  # type: ignore[misc]
    """A fetch of aiokafka, sent by topic id."""

    API_KEY = 1

    def __init__(self, request: FetchRequest, topic_ids: Mapping[str, UUID | None]) -> None:
        self._request = request
        self._topic_ids = topic_ids

    def build(self, request_struct_class: type[FetchRequest_v13]) -> FetchRequest_v13:
        """Return the request, with the limits of the original."""
        request = self._request
        topics = [
            (self._topic_ids[topic], [_fetch_partition(*partition) for partition in partitions], NO_TAGS)
            for topic, partitions in request.topics
        ]
        return request_struct_class(
            CONSUMER, request._max_wait_ms, request._min_bytes, request._max_bytes, request._isolation_level,  # noqa: SLF001
            NO_SESSION, FINAL_EPOCH, topics, [], request._rack_id, NO_TAGS,  # noqa: SLF001
        )  # fmt: skip


def _fetch_partition(partition: int, offset: int, max_bytes: int) -> tuple[object, ...]:
    return partition, UNKNOWN, offset, UNKNOWN, UNKNOWN, max_bytes, NO_TAGS


class IncrementalAlterConfigsResponse_v0(Response):  # type: ignore[misc]  # noqa: N801
    """The outcome by resource."""

    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "resources",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class IncrementalAlterConfigsRequest_v0(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """Changes of single settings; the others stay as they are, unlike with AlterConfigs."""

    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = IncrementalAlterConfigsResponse_v0
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                ("configs", Array(("name", String("utf-8")), ("operation", Int8), ("value", String("utf-8")))),
            ),
        ),
        ("validate_only", Boolean),
    )


class TopicConfigRequest(Request[IncrementalAlterConfigsRequest_v0]):  # type: ignore[misc]
    """Sets single settings of topics; None puts one back to the broker's default."""

    API_KEY = 44

    def __init__(self, configs: Mapping[str, Mapping[str, str | None]]) -> None:
        self._configs = configs

    def build(self, request_struct_class: type[IncrementalAlterConfigsRequest_v0]) -> IncrementalAlterConfigsRequest_v0:
        """Return the request."""
        resources = [
            (TOPIC_RESOURCE, topic, [(name, DELETE if value is None else SET, value) for name, value in settings.items()])
            for topic, settings in self._configs.items()
        ]
        return request_struct_class(resources, False)  # noqa: FBT003 - a field of the protocol
