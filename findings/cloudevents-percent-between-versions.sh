#!/usr/bin/env bash
# cloudevents 2.2.0 and 1.12.0, where the two meet by HTTP in binary mode: 2.2.0 percent-encodes what is not ASCII in an attribute, as
# the HTTP binding (3.1.3.2) asks; 1.12.0 does not decode it, so the receiver gets %E4%BA%91 for 云. The other way round, 1.12.0 sends
# the character itself. Expected: the subject that was sent. Seen: the encoded form. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cloudevents==2.2.0 --target "$folder/new"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check cloudevents==1.12.0 --target "$folder/old"
export FOLDER=$folder
"$folder/venv/bin/python" - <<'PYTHON'
import json
import os
import subprocess
import sys

SENDER = '''
import json
from cloudevents.core.bindings.http import to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

attributes = {"type": "t", "source": "/a", "id": "1", "specversion": "1.0", "subject": "云州", "datacontenttype": "application/json"}
print(json.dumps(to_binary(CloudEvent(attributes, {"a": 1}), JSONFormat()).headers))
'''
RECEIVER = '''
import json, sys
from cloudevents.http import from_http
print(json.dumps(from_http(json.loads(sys.argv[1]), b"{}")["subject"]))
'''


def run(version, code, *arguments):
    environment = os.environ | {"PYTHONPATH": os.path.join(os.environ["FOLDER"], version)}
    return json.loads(subprocess.check_output([sys.executable, "-c", code, *arguments], env=environment))


headers = run("new", SENDER)
subject = run("old", RECEIVER, json.dumps(headers))
print(f"sent 云州 as {headers['ce-subject']}, received {subject}")
sys.exit(0 if (headers["ce-subject"], subject) == ("%E4%BA%91%E5%B7%9E",) * 2 else 1)
PYTHON
