"""Every command of `gongshi`, by name, place and summary."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deploy.cli.lazy import Entry, LazyCommand

ENTRIES = (
    Entry("demo", "deploy.cli.demo:demo", "Start everything with synthetic hotlines and desks."),
    Entry("up", "deploy.cli.up:up", "Start Kafka, PostgreSQL and the services on this machine."),
    Entry("run", "deploy.cli.up:run", "Run one service in the foreground."),
    Entry("status", "deploy.cli.status:status", "Show what runs, the lag and the outboxes."),
    Entry("wait", "deploy.cli.status:wait", "Wait until everything reported so far is applied."),
    Entry("migrate", "deploy.cli.migrate:migrate", "Bring every schema of the database up to date."),
    Entry("secrets", "deploy.cli.secrets:secrets", "Make the passwords of a set-up in containers."),
    Entry("topics", "deploy.cli.migrate:topics", "Show the catalogue of topics, or create the missing ones."),
    Entry("backup", "deploy.cli.backup:backup", "Write database, positions and keys into a folder."),
    Entry("restore", "deploy.cli.backup:restore", "Restore a backup, with the services stopped."),
    Entry("simulate", "deploy.cli.simulate:simulate", "Let synthetic hotlines emit complaint events to Kafka."),
    Entry("trace", "deploy.cli.trace:trace", "Follow one complaint from its report to the screens."),
    Entry("figures", "deploy.cli.figures:figures", "Recount figures from single complaints."),
    Entry("close-month", "deploy.cli.figures:close_month", "Close a month: later changes are restatements."),
    Entry("draft-month", "deploy.cli.publishing:draft_month", "Draft the basic board's items of a month."),
    Entry("report", "deploy.cli.reporting:report", "Draft an analysis report from released figures."),
    Entry("erase", "deploy.cli.erase:erase", "Erase what a withdrawn item said."),
    Entry("compact", "deploy.cli.erase:compact", "Leave the newest revision of each complaint only."),
    Entry("import", "deploy.cli.importing:import_", "Import complaints from a file."),
    Entry("items", "deploy.cli.items:items", "Tables of public items, and keys of programs that draft."),
    Entry("accounts", "deploy.cli.accounts:accounts", "Persons who may sign in."),
    Entry("rules", "deploy.cli.rules:rules", "The publication rules: check a file, replay decisions."),
    Entry("verify", "deploy.cli.verify:verify", "Prove that figures, journals and publications are right."),
    Entry("seal", "deploy.cli.seals:seal", "Sign how far the journals have come."),
    Entry("proof", "deploy.cli.seals:proof", "Prove what is in a journal to who has a seal."),
    Entry("bench", "deploy.cli.bench:bench", "Measure; each command prints one JSON line last."),
    Entry("quality", "deploy.cli.quality:quality", "Measure redaction on labelled texts; the last line is JSON."),
    Entry("sources", "deploy.cli.sources:sources", "Sources of complaint events, their keys and mappings."),
    Entry("readers", "deploy.cli.readers:readers", "Programs that may read figures which are not released."),
    Entry("dead-letters", "deploy.cli.dead_letters:dead_letters", "Records that were rejected for good."),
    Entry("positions", "deploy.cli.positions:positions", "Where services are in their topics, and the ways on."),
    Entry("targets", "deploy.cli.targets:targets_app", "Places that released items are brought to."),
    Entry("screens", "deploy.cli.publishing:screens", "Display screens."),
)


class Commands(TyperGroup):
    """All commands, each imported when it runs."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {entry.name: LazyCommand(entry) for entry in ENTRIES}


app = typer.Typer(
    name="gongshi",
    cls=Commands,
    help="Publicise consumer complaints (消费投诉公示): from the hotline's report to the portal and the display screen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # laying help out with rich costs three times what everything else does
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"gongshi {version('gongshi')}")
        raise typer.Exit


@app.callback()
def gongshi(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Publicise consumer complaints (消费投诉公示): from the hotline's report to the portal and the display screen."""
