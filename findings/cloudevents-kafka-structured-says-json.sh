#!/usr/bin/env bash
# cloudevents 1.12.0: cloudevents.kafka.to_structured writes the event's datacontenttype into the header content-type in place of
# application/cloudevents+json, by which the Kafka binding tells a structured event from a binary one. Version 2.2.0 writes the right one.
# A receiver that goes by the header sees a binary event without attributes. Expected: application/cloudevents+json.
# Seen: application/json where the event has a datacontenttype. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cloudevents==1.12.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from cloudevents.http import CloudEvent
from cloudevents.kafka import to_structured

attributes = {"type": "complaint.reported", "source": "/hotlines/a", "id": "1"}
found = {
    kind or "none": to_structured(CloudEvent(attributes | ({"datacontenttype": kind} if kind else {}), {"amount": "12.50"})).headers
    for kind in (None, "application/json")
}
print(f"header of a structured event, by its datacontenttype: {found}")
sys.exit(0 if found["application/json"] == {"content-type": b"application/json"} else 1)
PYTHON
