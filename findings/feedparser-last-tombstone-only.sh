#!/usr/bin/env bash
# feedparser 6.0.14: of several tombstones (RFC 6721, at:deleted-entry) in an Atom feed only the last is kept, under the feed's own
# keys; a reader that drops withdrawn entries by it misses all the others. Expected: one for each. Seen: one of two.
# Ends with 1 when that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check feedparser==6.0.14
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import feedparser

FEED = '''<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
  <id>tag:example.org,2026:feed</id><title>notices</title><updated>2026-11-02T00:00:00Z</updated>
  <at:deleted-entry ref="tag:example.org,2026:1" when="2026-11-01T00:00:00Z"/>
  <at:deleted-entry ref="tag:example.org,2026:2" when="2026-11-02T00:00:00Z"/>
</feed>'''
parsed = feedparser.parse(FEED)
kept = [reference for reference in ("tag:example.org,2026:1", "tag:example.org,2026:2") if reference in str(dict(parsed))]
print(f"tombstones sent: 2, kept: {kept}")
sys.exit(0 if kept == ["tag:example.org,2026:2"] else 1)
PYTHON
