"""`sambar gateway …`: runs the operations centre's side."""

from datetime import timedelta
from pathlib import Path

import click

from alerts.clock import SystemClock
from gateway.app import ROLES, Died, Gateway, Role
from gateway.config import BadSettings, Settings, load
from gateway.identity import gateway_key
from gateway.park import park_names
from gateway.photos import PhotoTrouble
from gateway.store import StoreTrouble, open_store
from sambar.logs import log_to_stderr
from sambar.stopping import on_signals
from wire.keys import BadKey

settings_option = click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    default=Path("gateway.toml"),
    show_default=True,
    help="The gateway's settings; docs/gateway.example.toml describes them.",
)


def load_or_complain(path: Path) -> Settings:
    try:
        return load(path)
    except BadSettings as wrong:
        raise click.ClickException(str(wrong)) from wrong


@click.group(name="gateway")
def command() -> None:
    """The operations centre: inbox, alerts, pages."""


@command.command()
@settings_option
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, help="Run only this role; may be repeated.")
@click.option("--verbose", is_flag=True, help="Log more.")
def run(path: Path, roles: tuple[Role, ...], *, verbose: bool) -> None:
    """Take what the cameras say, tell who is to be told, and serve the pages. Ends on SIGTERM or Ctrl-C."""
    settings = load_or_complain(path)
    log_to_stderr(verbose=verbose)
    stopping = on_signals()
    gateway = Gateway(settings, roles or ROLES)
    try:
        gateway.start()
        while not stopping.is_set():
            gateway.wait(0.2)
    except (BadKey, PhotoTrouble, StoreTrouble, Died, OSError, RuntimeError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    finally:
        gateway.stop()


@command.command()
@click.argument("person")
@settings_option
@click.option("--park", help="Needed only where the database holds several.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How long the link opens.")
@click.option(
    "--revoke", is_flag=True, help="Instead: end all of the person's links and sessions, as for a lost phone."
)
def link(person: str, path: Path, park: str | None, days: int, *, revoke: bool) -> None:
    """Print the secret address by which PERSON opens the pages. Whoever has it is taken for that person."""
    from gateway.web.access import NoSuchPerson, make_link, shut_out  # noqa: PLC0415 - `run --role inbox` needs no pages

    settings = load_or_complain(path)
    try:
        store = open_store(settings.database.url)
    except StoreTrouble as wrong:
        raise click.ClickException(str(wrong)) from wrong
    try:
        names = park_names(store)
        if park is None and len(names) != 1:
            raise click.UsageError(f"which park? There is: {', '.join(names) or 'none yet'}")
        where = park or names[0]
        if revoke:
            ended = shut_out(store, where, person)
            click.echo(f"{person} of park {where}: links and sessions ended: {ended}")
        else:
            token = make_link(store, where, person, timedelta(days=days), SystemClock().now())
            click.echo(f"{settings.web.origin}/enter/{token}")
    except NoSuchPerson as wrong:
        raise click.ClickException(str(wrong)) from wrong
    finally:
        store.close()


@command.command()
@settings_option
def key(path: Path) -> None:
    """Make the gateway's key if it has none, and print the line for each camera's camera.toml."""
    settings = load_or_complain(path)
    try:
        public = gateway_key(settings.key).public
    except (BadKey, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo(f'gateway_key = "{public}"')
