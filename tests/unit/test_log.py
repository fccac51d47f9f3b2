"""What a log line may hold."""

import json
import subprocess
import sys

import pytest

from shared.log import mask_personal_data, strip_exception

PHONE = "13800138000"


def choke(text):
    raise ValueError(f"cannot read {text}")


@pytest.fixture
def failure():
    try:
        choke(PHONE)
    except ValueError as error:
        return error


def test_an_error_is_told_by_its_type_and_places_only(failure):
    event = strip_exception(None, "warning", {"event": "batch_rolled_back", "exc_info": failure})

    assert event["exception"].startswith("ValueError\n")
    assert "test_log.py" in event["exception"]
    assert " choke" in event["exception"]
    assert PHONE not in repr(event)


def test_the_error_it_came_from_is_told_as_well(failure):
    try:
        raise RuntimeError(PHONE) from failure
    except RuntimeError as error:
        event = strip_exception(None, "warning", {"exc_info": (type(error), error, error.__traceback__)})

    assert [line for line in event["exception"].splitlines() if not line.startswith(" ")] == ["RuntimeError", "ValueError"]
    assert PHONE not in repr(event)


def test_keys_of_personal_data_lose_their_values():
    assert mask_personal_data(None, "info", {"event": "x", "phone": PHONE}) == {"event": "x", "phone": "[not logged]"}


CRASH = """
import asyncpg, sys
from shared.log import configure
configure("json", "intake")
error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint of a phone")
error.detail = "Key (phone)=(13800138000) already exists."
raise error
"""


def test_an_error_that_ends_the_process_is_logged_without_the_row_that_the_database_quotes():
    ended = subprocess.run([sys.executable, "-c", CRASH], capture_output=True, text=True, check=False)

    entry = json.loads(ended.stderr)
    assert (entry["event"], entry["level"], entry["service"]) == ("process_failed", "critical", "intake")
    assert entry["exception"].startswith("UniqueViolationError")
    assert PHONE not in ended.stderr
    assert ended.returncode == 1
