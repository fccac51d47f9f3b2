"""Replay of 24 months of synthetic hotlines, each event by the transport of its source."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import httpx2

from deploy.cli.simulate import emit
from deploy.databases import open_database
from deploy.demo.visitor import UnexpectedAnswer
from deploy.runtime import DemoSource
from deploy.samples import BATCH, Emission, csv_file, generate, http_batches
from services.intake.files.importing import ImportFile, import_file
from services.intake.files.mapping_file import find_mapping, load_mapping
from services.intake.files.table import open_table
from services.intake.ingest import create_intake
from shared.settings import Settings

ACCEPTED = 202
TIMEOUT_S = 60.0
MAX_FAULTS = 0.003

Advance = Callable[[int], object]


async def replay(
    settings: Settings,
    intake_url: str,
    source: DemoSource,
    seed: int,
    complaints: int,
    on_emission: Callable[[Emission], object],
    advance: Advance,
) -> None:
    """Send everything: hotlines and platform through Kafka, on-site desks over HTTP, letters as a file.

    `on_emission` receives every emission. Those of desks and letters are held back and sent at the end.
    """
    held_back: list[Emission] = []
    sent = generate(seed, complaints, faults=MAX_FAULTS)
    await emit(settings, _select_kafka(sent, held_back, on_emission), on_progress=advance)
    await _post(intake_url, source, held_back, advance)
    await _import_letters(settings, held_back, advance)


def _select_kafka(
    sent: Iterable[Emission], held_back: list[Emission], on_emission: Callable[[Emission], object]
) -> Iterator[Emission]:
    for emission in sent:
        on_emission(emission)
        if emission.carrier.startswith("kafka"):
            yield emission
        else:
            held_back.append(emission._replace(facts=None, personal=()))


async def _post(intake_url: str, source: DemoSource, sent: Sequence[Emission], advance: Advance) -> None:
    """Post the batches of the on-site desks."""
    headers = {"Authorization": f"Bearer {source.key}", "Content-Type": BATCH}
    async with httpx2.AsyncClient(headers=headers, timeout=TIMEOUT_S) as client:
        for _, batch, body in http_batches(sent, size=500):
            response = await client.post(f"{intake_url}/intake/events", content=body)
            if response.status_code != ACCEPTED:
                raise UnexpectedAnswer(f"/intake/events answered {response.status_code}: {response.text[:400]}")
            advance(len(batch))


async def _import_letters(settings: Settings, letters: Sequence[Emission], advance: Advance) -> None:
    """Import the ledger of letters as a file in GB18030, as a letter desk would send it."""
    mapping = load_mapping(find_mapping("letters"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "letters.csv"
        path.write_bytes(csv_file(letters))
        table = open_table(path, mapping)
        file = ImportFile(path.name, table.rows, mapping, mapping.source or "/samples/letters")
        async with open_database(settings, "intake") as database:
            await import_file(database, create_intake(settings), file, getpass.getuser(), advance)
