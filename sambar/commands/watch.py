"""`sambar watch`: on another machine, looks whether the gateway is well, and tells people when it is not."""

from pathlib import Path

import click

from alerts.clock import SystemClock
from gateway.mistakes import BadSettings
from gateway.watch import Watch
from gateway.watch_settings import load_watch
from sambar.logs import log_to_stderr
from sambar.stopping import on_signals


@click.command(name="watch")
@click.option(
    "--settings",
    "path",
    type=click.Path(path_type=Path),
    default=Path("watch.toml"),
    show_default=True,
    help="Where the gateway is, and whom to tell; docs/watch.example.toml describes it.",
)
@click.option("--test", is_flag=True, help="Instead: tell each a test, and say who was reached.")
def command(path: Path, *, test: bool) -> None:
    """Tell people when the gateway is gone or not well. Run it on another machine. Ends on SIGTERM or Ctrl-C."""
    try:
        settings = load_watch(path)
        watch = Watch(settings, SystemClock())
    except (BadSettings, RuntimeError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    log_to_stderr()
    try:
        if not test:
            watch.run(on_signals())
            return
        refusals = watch.test()
        for who, refusal in refusals:
            click.echo(f"{who.channel}: {refusal or 'taken'}")
        if any(refusal for _, refusal in refusals):
            raise click.ClickException("somebody would not be told")
    finally:
        watch.close()
