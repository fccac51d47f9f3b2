"""Errors of the broker, translated into sentences for commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NoBrokersAvailable,
    NodeNotReadyError,
    RequestTimedOutError,
)

from deploy.databases import EngineUnavailable, message_of

BROKER_UNREACHABLE = (
    KafkaConnectionError,
    KafkaTimeoutError,
    NodeNotReadyError,
    NoBrokersAvailable,
    RequestTimedOutError,
)


class BrokerRefused(EngineUnavailable):
    """The broker answers with an error."""


@contextmanager
def translate_broker_errors() -> Iterator[None]:
    """Translate errors of the broker into a sentence with what to do; other errors pass.

    Only an error of the connection blames the address; a broker that refuses has been reached.
    """
    try:
        yield
    except BROKER_UNREACHABLE as error:
        raise EngineUnavailable(f"The broker does not answer: {message_of(error)}. Look at KAFKA_BOOTSTRAP_SERVERS.") from error
    except KafkaError as error:
        raise BrokerRefused(f"The broker refuses: {message_of(error)}.") from error
