"""Requests of the Kafka protocol for accounts and their rights that aiokafka lacks."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

NO_TAGS: dict[int, bytes] = {}
SCRAM_SHA_512 = 2
ITERATIONS = 4096  # the least that the broker takes; generated passwords need no more
SALT_BYTES = 16


class ResourceType(IntEnum):
    """What a right is about."""

    ANY = 1
    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5


class PatternType(IntEnum):
    """How a right names its resource."""

    ANY = 1
    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What a right permits."""

    ANY = 1
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    DESCRIBE = 8


class Permission(IntEnum):
    """Whether a right permits or forbids; what is forbidden stays so whatever is permitted."""

    ANY = 1
    DENY = 2
    ALLOW = 3


@dataclass(frozen=True, slots=True)
class Right:
    """One entry of the broker's access control list."""

    principal: str
    resource: ResourceType
    name: str
    operation: Operation
    pattern: PatternType = PatternType.LITERAL
    permission: Permission = Permission.ALLOW


class AlterUserScramCredentialsResponse_v0(Response):  # type: ignore[misc]  # noqa: N801 - named as aiokafka names them
    """The outcome by user."""

    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class AlterUserScramCredentialsRequest_v0(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """New and removed credentials (KIP-554)."""

    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = AlterUserScramCredentialsResponse_v0
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class ScramRequest(Request[AlterUserScramCredentialsRequest_v0]):  # type: ignore[misc]
    """Sets the passwords of accounts, and removes accounts. The broker never sees a password."""

    API_KEY = 51

    def __init__(self, passwords: Mapping[str, str], removed: Sequence[str] = ()) -> None:
        self._passwords = passwords
        self._removed = removed

    def build(self, request_struct_class: type[AlterUserScramCredentialsRequest_v0]) -> AlterUserScramCredentialsRequest_v0:
        """Return the request, each password under a new salt."""
        removed = [(name, SCRAM_SHA_512, NO_TAGS) for name in self._removed]
        return request_struct_class(removed, [_credential(*each) for each in self._passwords.items()], NO_TAGS)


def _credential(name: str, password: str) -> tuple[object, ...]:
    salt = secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return name, SCRAM_SHA_512, ITERATIONS, salt, salted, NO_TAGS


class RightsRequest(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    """Adds rights, many at once; one that is there stays."""

    API_KEY = 30

    def __init__(self, rights: Sequence[Right]) -> None:
        self._rights = rights

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        """Return the request."""
        return request_struct_class(
            [(r.resource, r.name, r.pattern, r.principal, "*", r.operation, r.permission) for r in self._rights]
        )


class RightsRemoval(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]
    """Removes every right of some principals."""

    API_KEY = 31

    def __init__(self, principals: Sequence[str]) -> None:
        self._principals = principals

    def build(self, request_struct_class: type[DeleteAclsRequest_v1]) -> DeleteAclsRequest_v1:
        """Return the request."""
        anything = ResourceType.ANY, None, PatternType.ANY
        return request_struct_class(
            [(*anything, principal, None, Operation.ANY, Permission.ANY) for principal in self._principals]
        )
