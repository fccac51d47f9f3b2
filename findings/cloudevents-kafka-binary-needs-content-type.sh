#!/usr/bin/env bash
# cloudevents 1.12.0: cloudevents.kafka.to_binary raises KeyError for an event without datacontenttype, which CloudEvents 1.0.2 calls
# optional; to_structured and the SDK's own HTTP binding take the same event. Expected: a Kafka message without content-type.
# Seen: KeyError: 'datacontenttype'. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cloudevents==1.12.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from cloudevents.conversion import to_binary as to_http
from cloudevents.http import CloudEvent
from cloudevents.kafka import to_binary

event = CloudEvent({"type": "complaint.reported", "source": "/hotlines/a", "id": "1"}, {"amount": "12.50"})
headers, _ = to_http(event)
print(f"by HTTP: {sorted(headers)}")
try:
    print(f"by Kafka: {to_binary(event).headers}")
except KeyError as error:
    print(f"by Kafka: KeyError: {error}")
    sys.exit(0)
sys.exit(1)
PYTHON
