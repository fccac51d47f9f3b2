"""`gongshi quality`: how well personal data and duplicates are found, on labelled sets; the last line is JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from deploy.cli.tables import print_table
from deploy.quality import dispute_sentences
from deploy.quality.duplicates import Teller, measure_links
from deploy.quality.redaction import PARTS, labelled_texts, measure, read_labelled_texts
from shared.personal_data.second_stage import load_second_stage

quality = typer.Typer(
    name="quality",
    help="Measure how well personal data and duplicates are found; each command prints one JSON line last.",
    no_args_is_help=True,
)
SEED = 11


@quality.callback()
def _group() -> None:
    """Measure how well personal data and duplicates are found; each command prints one JSON line last."""


@quality.command()
def redaction(
    labelled: Annotated[
        Path | None,
        typer.Option("--set", help='JSON lines {"text", "spans": [[start, end, type]]}; spans of type `company` must stay.'),
    ] = None,
    part: Annotated[str, typer.Option(help=f"Without --set, the invented part: {', '.join(PARTS)}.")] = "unseen",
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many invented texts.")] = 2_000,
) -> None:
    """Measure both stages of redaction: how many personal data of each type go whole, and how many companies stay whole.

    Examples:
        gongshi quality redaction

        gongshi quality redaction --set labelled.jsonl
    """
    if part not in PARTS:
        raise typer.BadParameter(f"one of {', '.join(PARTS)}", param_hint="--part")
    texts = read_labelled_texts(labelled) if labelled else labelled_texts(PARTS[part], SEED, count)
    found = measure(texts, load_second_stage())
    table = Table("type", "spans", "right", "share", "95 % from", "to")
    for kind, total in sorted(found.total.items()):
        low, high = found.interval(kind)
        table.add_row(
            kind, str(total), str(found.right[kind]), *(f"{share:.4f}" for share in (found.right[kind] / total, low, high))
        )
    print_table(table)
    typer.echo(orjson.dumps(found.to_json()).decode())


@quality.command()
def duplicates(
    part: Annotated[str, typer.Option(help=f"The invented part: {', '.join(dispute_sentences.PARTS)}.")] = "unseen",
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many invented disputes.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Another seed is another set.")] = SEED,
) -> None:
    """Measure how reports of one dispute are found: linked by the program, asked about, or missed.

    Examples:
        gongshi quality duplicates

        gongshi quality duplicates --part tuned --count 20000
    """
    if part not in dispute_sentences.PARTS:
        raise typer.BadParameter(f"one of {', '.join(dispute_sentences.PARTS)}", param_hint="--part")
    found = measure_links(Teller(dispute_sentences.PARTS[part], seed).reports(count)).to_json()
    table = Table("measure", "value")
    for name, value in found.items():
        if isinstance(value, float):
            table.add_row(name.replace("_", " "), f"{value:.4f}")
    print_table(table)
    typer.echo(orjson.dumps(found).decode())
