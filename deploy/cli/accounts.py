"""`gongshi accounts`: persons who may sign in at a desk, and operators' users."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.table import Table

from deploy.cli.tables import Format, local_time, print_records, print_table
from deploy.cli.values import InvalidValue
from deploy.databases import connect_database
from shared import clock
from shared.accounts import Person, Role, administration
from shared.rules import Drafter
from shared.settings import Settings

GENERATED_BYTES = 12
T = TypeVar("T")

accounts = typer.Typer(name="accounts", help="Persons who may sign in.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="As `gongshi accounts list` shows it.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
FormatOption = Annotated[Format, typer.Option("--format", help="A table for people, JSON for programs.")]


class InvalidName(InvalidValue):
    """A name is 2 to 63 of the characters a-z, 0-9, dot, dash and underscore, and begins with a letter or digit."""


class InvalidOffice(InvalidValue):
    """A drafter belongs to an office (--office), and nobody else does."""


class InvalidStaffNumber(InvalidValue):
    """A staff number is 1 to 32 letters, digits, dots, dashes and underscores, and begins with a letter or digit."""


@accounts.command()
def add(
    name: Annotated[str, typer.Argument(help="What is typed in at the sign-in.")],
    role: Annotated[Role, typer.Option(help="One role an account; two steps of the gate need two persons.")],
    display_name: Annotated[str, typer.Option(help="What others read; default the name.")] = "",
    staff_number: Annotated[
        str | None, typer.Option(help="Of the person: accounts with one number cannot approve each other's work.")
    ] = None,
    office: Annotated[
        Drafter | None, typer.Option(help="Of a drafter: the office whose boards the rules let it draft.")
    ] = None,
    *,
    password_stdin: PasswordStdin = False,
) -> None:
    """Add an account, or give an existing one a new password; its role and staff number are for good.

    Without --password-stdin a password is generated and shown once.

    Examples:
        gongshi accounts add wang.fang --role reviewer --display-name 王芳 --staff-number 0417

        gongshi accounts add zhao.lei --role gatekeeper --password-stdin < password.txt

        gongshi accounts add qian.jin --role drafter --office case_office
    """
    if (role is Role.DRAFTER) != (office is not None):
        raise InvalidOffice(str(office or role))
    person, password = Person(name, display_name or name, role), _choose_password(typed=password_stdin)

    async def set_account(connection: asyncpg.Connection) -> Person:
        return await administration.set_account(
            connection, person, password, staff_number, office, actor=_actor(), now=clock.now()
        )

    try:
        _act(set_account)
    except asyncpg.CheckViolationError as error:
        raise (InvalidStaffNumber(str(staff_number)) if "staff_number" in str(error) else InvalidName(name)) from error
    typer.echo(f"{person.name} ({person.display_name}) may sign in as {person.role}")
    _show_password(password, typed=password_stdin)


@accounts.command()
def password(name: NameArgument, *, password_stdin: PasswordStdin = False) -> None:
    """Give a person a new password, and end all sessions of the account.

    Without --password-stdin a password is generated and shown once.

    Examples:
        gongshi accounts password wang.fang
    """
    chosen = _choose_password(typed=password_stdin)
    _act(lambda connection: administration.set_password(connection, name, chosen, actor=_actor(), now=clock.now()))
    typer.echo(f"{name} has a new password; all sessions are ended")
    _show_password(chosen, typed=password_stdin)


@accounts.command()
def disable(name: NameArgument) -> None:
    """Let a person sign in no more, and end all sessions of the account. What was done stays.

    Examples:
        gongshi accounts disable wang.fang
    """
    was_active = _act(lambda connection: administration.disable(connection, name, actor=_actor(), now=clock.now()))
    typer.echo(f"{name} is disabled; all sessions are ended" if was_active else f"{name} was disabled already")


@accounts.command(name="second-factor")
def second_factor(
    name: NameArgument,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take it out of use: telephone and codes are lost.")] = False,
) -> None:
    """Take the second factor of a person out of use, who then signs in by password alone and sets up another one.

    Make sure that it is the person who asks.

    Examples:
        gongshi accounts second-factor wang.fang --remove
    """
    if not remove:
        raise typer.BadParameter("say --remove; `gongshi accounts list` tells who has one")
    had_one = _act(lambda connection: administration.remove_second_factor(connection, name, actor=_actor(), now=clock.now()))
    typer.echo(f"{name} signs in by password alone" if had_one else f"{name} has no second factor")


@accounts.command()
def sessions(
    name: Annotated[str | None, typer.Argument(help="Only those of this account.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End them.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """List open sessions, or end all those of one account.

    Examples:
        gongshi accounts sessions

        gongshi accounts sessions wang.fang --end
    """
    if end:
        if name is None:
            raise typer.BadParameter("--end needs the name of an account")
        ended = _act(lambda connection: administration.end_sessions(connection, name, actor=_actor(), now=clock.now()))
        typer.echo(f"{name}: {ended} sessions ended")
        return
    found = _act(lambda connection: administration.list_sessions(connection, name))
    if output is Format.JSON:
        print_records(found)
        return
    zone = Settings().zone
    table = Table("name", f"since ({zone})", "until")
    for each in found:
        table.add_row(each.name, local_time(each.opened_at, zone), local_time(each.expires_at, zone))
    print_table(table)


@accounts.command(name="list")
def list_(output: FormatOption = Format.TABLE) -> None:
    """List every account, with how many sessions it has open.

    Examples:
        gongshi accounts list --format json
    """
    found = _act(administration.list_accounts)
    if output is Format.JSON:
        print_records(found)
        return
    zone = Settings().zone
    table = Table("name", "displayed as", "staff number", "role", "state", f"since ({zone})", "sessions", "second factor")
    for each in found:
        state = "active" if each.active else "disabled"
        since = local_time(each.created_at, zone)
        factor = "yes" if each.has_second_factor else "no"
        row = (each.name, each.display_name, each.staff_number or "", each.role, state, since, str(each.sessions), factor)
        table.add_row(*row)
    print_table(table, fold=True)


def _act(act: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Do something as the owner of the database."""

    async def run() -> T:
        async with connect_database(Settings(), "accounts") as connection:
            return await act(connection)

    return asyncio.run(run())


def _actor() -> str:
    return getpass.getuser()


def _choose_password(*, typed: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if typed else secrets.token_urlsafe(GENERATED_BYTES)


def _show_password(chosen: str, *, typed: bool) -> None:
    if not typed:
        typer.echo(f"password, shown only now: {chosen}")
