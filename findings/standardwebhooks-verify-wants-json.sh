#!/usr/bin/env bash
# standardwebhooks 1.1.0: Webhook.verify parses the body after it has found the signature good, so a correctly signed body that is no JSON
# (the signature is over the bytes, whatever they are; an Atom entry or an empty ping is such a body) raises JSONDecodeError
# in place of being verified; who catches only WebhookVerificationError answers 500 to a good delivery, and the sender repeats it for a day.
# Expected: the signature decides. Seen: JSONDecodeError for a signed Atom entry, a value for signed JSON. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check standardwebhooks==1.1.0
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import sys
from datetime import datetime, timezone

from standardwebhooks import Webhook

webhook = Webhook("whsec_" + base64.b64encode(b"a secret of twenty-four.").decode())
now = datetime.now(timezone.utc)


def verify(body):
    headers = {
        "webhook-id": "delivery-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": webhook.sign("delivery-1", now, body),
    }
    try:
        return webhook.verify(body, headers)
    except Exception as error:
        return type(error).__name__


json, entry = verify('{"item":"I1"}'), verify("<entry><id>tag:example.cn,2026:I1</id></entry>")
print(f"JSON: {json}; Atom: {entry}")
sys.exit(0 if json == {"item": "I1"} and entry == "JSONDecodeError" else 1)
PYTHON
