#!/usr/bin/env bash
# standardwebhooks 1.1.0: Webhook.sign takes the clock face of an aware datetime for UTC, so what is signed at 20:00+08:00 bears the
# time 20:00Z, eight hours later than the header that the sender writes from the same datetime. Expected: the instant counts.
# Seen: "No matching signature found" for +08:00, good for UTC. Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check standardwebhooks==1.1.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import UTC, datetime, timedelta, timezone

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
body = '{"item":"A-1"}'
now = datetime.now(UTC).replace(microsecond=0)


def verified(moment):
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": webhook.sign("msg_1", moment, body),
    }
    try:
        return webhook.verify(body, headers) == {"item": "A-1"}
    except WebhookVerificationError as error:
        return str(error)


found = {"UTC": verified(now), "+08:00": verified(now.astimezone(timezone(timedelta(hours=8))))}
print(f"the same instant, signed with its time zone: {found}")
sys.exit(0 if found == {"UTC": True, "+08:00": "No matching signature found"} else 1)
PYTHON
