"""`sambar park …`: what a park is made of, between its file and the database."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.mistakes import BadSettings
from gateway.park import apply as apply_park
from gateway.park import export, load_park, park_in, park_names, plan
from gateway.store import Store, StoreTrouble, open_store
from sambar.commands.gateway import load_or_complain, settings_option


@click.group(name="park")
def command() -> None:
    """Areas, cameras, teams and people."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("park.toml"))
@settings_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show the difference.")
def apply(file: Path, path: Path, *, yes: bool, dry_run: bool) -> None:
    """Bring FILE into the database, after showing what that changes."""
    settings = load_or_complain(path)
    try:
        wanted = load_park(file)
    except BadSettings as wrong:
        raise click.ClickException(str(wrong)) from wrong
    with _store(settings.database.url) as store:
        changes = plan(park_in(store, wanted.park.name), wanted)
        for change in changes:
            click.echo(f"  {change}")
        if not changes:
            click.echo(f"park {wanted.park.name!r} is already so")
        if not changes or dry_run:
            return
        if not yes:
            click.confirm(f"Change park {wanted.park.name!r} so?", abort=True)
        apply_park(store, wanted)
        click.echo(f"park {wanted.park.name!r}: {len(changes)} change{'s' if len(changes) > 1 else ''} applied")


@command.command()
@click.argument("name", required=False)
@settings_option
def show(name: str | None, path: Path) -> None:
    """Write a park out as park.toml. NAME can be left out when there is only one."""
    settings = load_or_complain(path)
    with _store(settings.database.url) as store:
        names = park_names(store)
        if name is None and len(names) != 1:
            raise click.UsageError(f"which park? There is: {', '.join(names) or 'none yet'}")
        park = park_in(store, name or names[0])
        if park is None:
            raise click.ClickException(f"park {name!r} is not here; expected one of: {', '.join(names) or '-'}")
        click.echo(export(park), nl=False)


@contextmanager
def _store(url: str) -> Generator[Store, None, None]:
    try:
        store = open_store(url)
    except StoreTrouble as wrong:
        raise click.ClickException(str(wrong)) from wrong
    try:
        yield store
    finally:
        store.close()
