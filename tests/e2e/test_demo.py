"""`gongshi demo --check`: the end-to-end scenario on engines of its own, everything verified at the end."""

from __future__ import annotations

import asyncio
import json
import os
import sys

COMPLAINTS = "600"
WITHIN_S = 600


async def test_the_demo_checks_itself(tmp_path):
    command = (sys.executable, "-m", "deploy.cli", "demo", "--check", "--complaints", COMPLAINTS)
    environment = {**os.environ, "GONGSHI_HOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, progress = await asyncio.wait_for(process.communicate(), WITHIN_S)

    outcome = json.loads(output.decode().splitlines()[-1])
    assert (process.returncode, outcome["ok"], outcome["differences"]) == (0, True, []), progress.decode()
    assert outcome["release_to_screen_ms"]
