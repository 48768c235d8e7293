"""`sambar gateway …`: runs the operations centre's side."""

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from gateway.app import ROLES, Died, Gateway, Role
from gateway.config import BadSettings, Settings, load
from gateway.identity import gateway_key
from gateway.photos import PhotoTrouble
from gateway.store import StoreTrouble
from sambar.logs import log_to_stderr
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
    stopping = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
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
@settings_option
def key(path: Path) -> None:
    """Make the gateway's key if it has none, and print the line for each camera's camera.toml."""
    settings = load_or_complain(path)
    try:
        public = gateway_key(settings.key).public
    except (BadKey, OSError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    click.echo(f'gateway_key = "{public}"')
