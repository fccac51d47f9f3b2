"""`gongshi targets`: the places that released items are brought to."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from deploy.cli.tables import local_time, print_table
from deploy.databases import open_database
from services.publisher.bureau import BureauContext
from services.publisher.delivering import administration
from services.publisher.delivering.administration import Credentials, secret_box
from services.publisher.delivering.leading import notify_workers
from services.publisher.delivering.sender import HttpSender
from services.publisher.domain.delivery import Reply, parse_networks
from services.publisher.domain.target import Place, Scope, Target
from services.publisher.store import targets
from services.publisher.store.targets import TargetCounts
from shared.clock import now
from shared.secret_box import SecretBox
from shared.settings import Settings
from shared.stream import UnitOfWork

T = TypeVar("T")
TargetId = Annotated[str, typer.Argument(help="Its id.")]

targets_app = typer.Typer(name="targets", help="Places that released items are brought to.", no_args_is_help=True)


@targets_app.command()
def add(
    target: Annotated[str, typer.Argument(help="Its id: a-z, 0-9 and dash.")],
    address: Annotated[str, typer.Argument(help="Where messages go: an https address; none for a channel of files.")] = "",
    *,
    name: Annotated[str, typer.Option(help="What staff call it.")],
    place: Annotated[Place, typer.Option(help="What kind of place it is.")] = Place.PORTAL,
    channel: Annotated[
        str, typer.Option(help="webhook; credit for the fields of 双公示, credit_file for its files.")
    ] = "webhook",
    board: Annotated[list[str] | None, typer.Option(help="Only this board; several times for several.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind of item.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only this region.")] = None,
    operator: Annotated[list[str] | None, typer.Option(help="Only this operator, by its credit code.")] = None,
    per_minute: Annotated[int | None, typer.Option(min=1, help="At most so many messages a minute.")] = None,
) -> None:
    """Register a target, or change all but the secret of one. Its secret and its key are shown once.

    All that is public now and in its scope is brought there first. With GONGSHI_TARGET_NETWORKS an address may be http
    and inside these networks.

    Examples:
        gongshi targets add district-portal https://portal.example/hooks/gongshi --name 区政府门户 --region 990102

        gongshi targets add credit https://credit.example/api/penalties --name 信用信息系统 --place credit --channel credit

        gongshi targets add credit-files --name 信用信息系统 --place credit --channel credit_file
    """
    scope = Scope(tuple(board or ()), tuple(kind or ()), tuple(region or ()), tuple(operator or ()))
    wanted = Target(target, place, name, channel, address, scope, per_minute)
    settings = Settings()

    async def register(uow: UnitOfWork, box: SecretBox) -> Credentials | None:
        return await administration.register(
            uow, getpass.getuser(), box, wanted, plain_allowed=bool(parse_networks(settings.target_networks))
        )

    credentials = asyncio.run(_act(register))
    if credentials is None:
        typer.echo(f"{target} is changed; it keeps its secret and its key")
        return
    typer.echo(f"{target} ({name}) is registered. Shown only now:")
    typer.echo(f"  secret of its messages: {credentials.secret}")
    typer.echo(f"  key of its log and its files at /api/targets/{target}: {credentials.key}")


@targets_app.command("list")
def list_targets() -> None:
    """List the targets with what is delivered, waits and was given up, and the last version that each acknowledged.

    Examples:
        gongshi targets list
    """
    settings = Settings()
    table = Table("target", "name", "channel", "state", "delivered", "waiting", "failed", f"last ({settings.zone})")
    for target, counts in asyncio.run(_fetch()):
        state = target.state.value + (f", failing ({target.failures})" if target.failures else "")
        last = f"{local_time(counts.delivered_at, settings.zone)} {counts.item_id} v{counts.version}" if counts.item_id else ""
        numbers = (str(counts.delivered), str(counts.waiting), str(counts.failed))
        table.add_row(target.target_id, target.name, target.channel, state, *numbers, last)
    print_table(table, fold=True)


@targets_app.command()
def pause(target: TargetId) -> None:
    """Let what is released wait until the target is resumed.

    Examples:
        gongshi targets pause district-portal
    """
    asyncio.run(_act(lambda uow, _box: administration.pause(uow, getpass.getuser(), target)))
    typer.echo(f"{target} is paused")


@targets_app.command()
def resume(target: TargetId) -> None:
    """Let what waits be sent, also where the target was disabled since it answered that it is gone.

    Examples:
        gongshi targets resume district-portal
    """
    asyncio.run(_act(lambda uow, _box: administration.resume(uow, getpass.getuser(), target)))
    typer.echo(f"{target} is active")


@targets_app.command()
def resend(
    target: TargetId,
    after: Annotated[int, typer.Option(min=0, help="Only what was released after this release number.")] = 0,
) -> None:
    """Send again the newest version of each item, under the same message ids.

    Examples:
        gongshi targets resend district-portal --after 1200
    """
    count = asyncio.run(_act(lambda uow, _box: administration.resend(uow, getpass.getuser(), target, after)))
    typer.echo(f"{target}: {count} items are sent again")


@targets_app.command()
def rotate(
    target: TargetId,
    keep: Annotated[int, typer.Option(min=0, max=90, help="Days for which the secret before signs too.")] = 7,
) -> None:
    """Give a target a new secret, shown once; until the one before ends, both sign.

    Examples:
        gongshi targets rotate district-portal --keep 14
    """
    secret = asyncio.run(
        _act(lambda uow, box: administration.rotate(uow, getpass.getuser(), box, target, timedelta(days=keep)))
    )
    typer.echo(f"{target}: its new secret, shown only now; the one before signs for {keep} days more")
    typer.echo(secret)


@targets_app.command()
def test(target: TargetId) -> None:
    """Send a message that tells of no item, and print what came of it.

    Examples:
        gongshi targets test district-portal
    """
    reply = asyncio.run(_send_test(target))
    typer.echo(f"{target}: {reply.error or reply.status} after {reply.milliseconds} ms")
    if reply.error or not 200 <= (reply.status or 0) < 300:  # noqa: PLR2004 what HTTP calls success
        raise typer.Exit(1)


@targets_app.command()
def remove(target: TargetId) -> None:
    """Remove a target. What it acknowledged is kept.

    Examples:
        gongshi targets remove district-portal
    """
    asyncio.run(_act(lambda uow, _box: administration.remove(uow, getpass.getuser(), target)))
    typer.echo(f"{target} is removed")


async def _act(act: Callable[[UnitOfWork, SecretBox], Awaitable[T]]) -> T:
    settings = Settings()
    async with open_database(settings, "publisher") as database, database.unit_of_work() as uow:
        result = await act(uow, secret_box(BureauContext.load(settings).lease_key))
        # The worker sees at once what there is to do.
        await notify_workers(uow.connection)
        return result


async def _send_test(target: str) -> Reply:
    settings = Settings()
    box = secret_box(BureauContext.load(settings).lease_key)
    async with (
        open_database(settings, "publisher") as database,
        HttpSender(parse_networks(settings.target_networks)) as sender,
    ):
        return await administration.send_test(database, sender, box, target, getpass.getuser())


async def _fetch() -> list[tuple[Target, TargetCounts]]:
    async with open_database(Settings(), "publisher") as database, database.snapshot() as connection:
        counts = await targets.count_deliveries(connection)
        return [(target, counts[target.target_id]) for target in await targets.fetch_targets(connection, now())]
