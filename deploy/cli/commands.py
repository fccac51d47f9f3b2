"""Every command of `gongshi`, mounted."""

from __future__ import annotations

import typer

from deploy.cli.accounts import accounts
from deploy.cli.bench import bench
from deploy.cli.dead_letters import dead_letters
from deploy.cli.demo import demo
from deploy.cli.figures import close_month, figures
from deploy.cli.importing import import_
from deploy.cli.migrate import migrate, topics
from deploy.cli.publishing import draft_month, screens
from deploy.cli.simulate import simulate
from deploy.cli.sources import sources
from deploy.cli.status import status, wait
from deploy.cli.up import run, up
from deploy.cli.verify import verify

app = typer.Typer(
    name="gongshi",
    help="Publicise consumer complaints (消费投诉公示): from the hotline's report to the portal and the display screen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, up, run, status, wait, migrate, topics, simulate, figures, close_month, draft_month):
    app.command()(command)
app.command(name="import")(import_)
app.add_typer(accounts)
app.add_typer(verify)
app.add_typer(bench)
app.add_typer(sources)
app.add_typer(dead_letters)
app.add_typer(screens)
