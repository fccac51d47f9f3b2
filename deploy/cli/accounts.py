"""`gongshi accounts`: persons who may sign in at a desk, and operators' users."""

from __future__ import annotations

import asyncio
import secrets
import sys
from typing import Annotated

import asyncpg
import typer

from deploy.cli.values import InvalidValue
from deploy.stores import connect_database
from shared.accounts import Person, Role, add_person
from shared.settings import Settings

GENERATED_BYTES = 12

accounts = typer.Typer(name="accounts", help="Persons who may sign in.", no_args_is_help=True)


class InvalidName(InvalidValue):
    """A name is 2 to 63 of the characters a-z, 0-9, dot, dash and underscore, and begins with a letter or digit."""


@accounts.callback()
def group() -> None:
    """Make `add` a subcommand although it is the only one."""


@accounts.command()
def add(
    name: Annotated[str, typer.Argument(help="What is typed in at the sign-in.")],
    role: Annotated[Role, typer.Option(help="One role a person: two steps of the gate need two persons.")],
    display_name: Annotated[str, typer.Option(help="What others read; default the name.")] = "",
    *,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
) -> None:
    """Add a person, or give an existing one a new password; a role is for good.

    Without --password-stdin a password is generated and shown once.

    Examples:
        gongshi accounts add wang.fang --role reviewer --display-name 王芳

        gongshi accounts add zhao.lei --role gatekeeper --password-stdin < password.txt
    """
    typed = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    password = typed if password_stdin else secrets.token_urlsafe(GENERATED_BYTES)
    person = asyncio.run(_store_person(Settings(), name, display_name or name, role, password))
    typer.echo(f"{person.name} ({person.display_name}) may sign in as {person.role}")
    if not password_stdin:
        typer.echo(f"password, shown only now: {password}")


async def _store_person(settings: Settings, name: str, display_name: str, role: Role, password: str) -> Person:
    async with connect_database(settings, "accounts") as connection:
        try:
            return await add_person(connection, name, display_name, role, password)
        except asyncpg.CheckViolationError as error:
            raise InvalidName(name) from error
