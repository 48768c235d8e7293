"""`sambar camera …`: runs the unit, makes its key."""

import sqlite3
from pathlib import Path

import click

from edge import app
from edge.cameras import CameraFault
from edge.config import BadSettings, Settings, load
from models.errors import ModelError
from sambar.logs import log_to_stderr
from sambar.stopping import on_signals
from wire.keys import BadKey, SigningKey


@click.group(name="camera")
def command() -> None:
    """One camera on one tree."""


_settings_option = click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    default=Path("camera.toml"),
    show_default=True,
    help="The unit's settings; docs/camera.example.toml describes them.",
)


@command.command()
@_settings_option
@click.option("--verbose", is_flag=True, help="Log every receipt too.")
def run(path: Path, *, verbose: bool) -> None:
    """Watch, and tell the gateway. Ends with the source, or on SIGTERM or Ctrl-C."""
    settings = _load(path)
    log_to_stderr(verbose=verbose)
    stopping = on_signals()
    try:
        app.run(settings, stopping)
    except (BadKey, ModelError, BadSettings, CameraFault) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except (OSError, sqlite3.Error) as fault:
        raise click.ClickException(f"{settings.camera.state}: the disk failed the camera: {fault}") from fault


@command.command()
@_settings_option
def key(path: Path) -> None:
    """Make the unit's key if it has none, and print its lines for the gateway's park.toml."""
    settings = _load(path)
    where = settings.camera.key
    try:
        if not where.exists():
            SigningKey.make().save(where)
            click.echo(f"made {where}", err=True)
        public = SigningKey.load(where).public
    except BadKey as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except OSError as fault:
        raise click.ClickException(f"{where}: cannot be written: {fault.strerror}") from fault
    click.echo(f'[[camera]]\nname = "{settings.camera.name}"\nkey = "{public}"')


def _load(path: Path) -> Settings:
    try:
        return load(path)
    except BadSettings as wrong:
        raise click.ClickException(str(wrong)) from wrong
