"""`gongshi import` of one large workbook into a system of its own: seconds, and the memory of the command."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import xlsxwriter

from deploy.bench.meter import Usage, usage
from deploy.bench.own_system import run_own_system
from deploy.quality.invented_values import plain_mobile, uscc
from deploy.supervisor.environment import to_environment
from shared.errors import PermanentError
from shared.settings import Settings

SOURCE = "/bench/files"
HEADINGS = (
    "external_id", "channel", "kind", "received_at", "region", "category", "operator.name", "operator.uscc", "status",
    "title", "text", "amount", "complainant.name", "complainant.phone",
)  # fmt: skip
OPERATORS = 2_000
KIB_PER_MIB = 1024
SAMPLED_S = 0.2
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001  A workbook's times have no zone.


class ImportFailed(PermanentError):
    """The command that was measured did not import all rows."""


async def measure(settings: Settings, rows: int, seed: int) -> dict[str, Any]:
    """Import a workbook of so many invented complaints, and again, when nothing changes."""
    async with run_own_system(settings) as supervisor:
        path = supervisor.settings.home / "list.xlsx"
        write_workbook(path, rows, seed)
        environment = os.environ | to_environment(supervisor.settings)
        first, command = await _import(path, environment, rows, "accepted")
        again, _ = await _import(path, environment, rows, "duplicates")
        size = path.stat().st_size / KIB_PER_MIB**2
    return {
        "bench": "files",
        "rows": rows,
        "file_mib": round(size, 1),
        "seconds": round(first, 1),
        "again_seconds": round(again, 1),
        "processor_seconds": round(command.cpu_s, 1),
        "peak_mib": round(command.peak_mib),
        "load": round(os.getloadavg()[0], 1),
    }


def write_workbook(path: Path, rows: int, seed: int) -> None:
    """Write a workbook of invented complaints."""
    rng = random.Random(seed)  # noqa: S311 sample data
    operators = [(f"云州{number}号商贸有限公司", uscc(rng)) for number in range(OPERATORS)]
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, moment = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, rows + 1):
            name, code = operators[rng.randrange(OPERATORS)]
            sheet.write_row(row, 0, (f"F{row:07}", "letter", "complaint"))
            sheet.write_datetime(row, 3, FIRST + timedelta(minutes=rng.randrange(400_000)), moment)
            text = f"购买的手机开机发热，商家以各种理由推脱，请回电{plain_mobile(rng)}。"
            sheet.write_row(row, 4, ("990101", "quality", name, code, "received", "手机发热", text))
            sheet.write_number(row, 11, rng.randrange(1_000_000) / 100)
            sheet.write_row(row, 12, ("张晓梅", plain_mobile(rng)))


async def _import(path: Path, environment: dict[str, str], rows: int, counted: str) -> tuple[float, Usage]:
    """Return the seconds of the command, its processor time and its memory. Raises `ImportFailed`."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.cli", "import", str(path), "--source", SOURCE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    output, used = await asyncio.gather(_read(process), _watch(process))
    if await process.wait() or orjson.loads(output.splitlines()[-1])[counted] != rows:
        raise ImportFailed(output.decode(errors="replace"))
    return time.perf_counter() - began, used


async def _read(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read() if process.stdout else b""


async def _watch(process: asyncio.subprocess.Process) -> Usage:
    """Return what a process has used, by the last look before it ends."""
    used = Usage(0.0, 0.0)
    while process.returncode is None:
        now = usage(process.pid)
        used = Usage(max(used.cpu_s, now.cpu_s), max(used.peak_mib, now.peak_mib))
        await asyncio.sleep(SAMPLED_S)
    return used
