"""`sambar demo`: the whole system on this machine."""

import json
import os
import signal
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from sambar.demo.run import Running, running


def default_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "sambar" / "demo"


@click.command("demo")
@click.option(
    "--source",
    help="A webcam's number, a video file, a folder of photos or a stream's address, instead of the footage.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="0.0.0.0 lets a phone in the same network see the pages."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Of the pages. [default: 8470, or a free one]")
@click.option("--state", type=click.Path(path_type=Path), help="The demo's folder, emptied at each start.")
@click.option("--once", is_flag=True, help="End at the first incursion that was told, and print it.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print JSON alone.")
def command(source: str | None, host: str, port: int | None, state: Path | None, *, once: bool, as_json: bool) -> None:
    """Start a broker, the gateway and one camera that replays people walking, and show where to look.

    Everything is real but small: an embedded broker, SQLite, photos in a folder. Ctrl-C stops it all.
    """
    if as_json and not once:
        raise click.UsageError("--json goes with --once")
    console = Console(stderr=True, highlight=False)
    signal.signal(signal.SIGTERM, _as_interrupt)
    signal.signal(signal.SIGINT, _as_interrupt)  # a shell starts what runs beside it with this one ignored
    at = (state or default_folder()).absolute()
    try:
        with console.status("setting up …") as status:
            quiet = as_json or not console.is_terminal

            def say(words: str) -> None:
                status.update(words)
                if not quiet:
                    console.print(words, style="dim")

            with running(at, source, host, port, say, once=once) as system:
                if once:
                    told = system.told()
                    click.echo(json.dumps(told.plain(), indent=2, ensure_ascii=False))
                    return
                status.stop()
                _show(console, system)
                system.watch()
    except KeyboardInterrupt:
        console.print("\nstopped")


def _show(console: Console, system: Running) -> None:
    """Addresses stand alone in their lines, whole however narrow the terminal: somebody will copy them."""
    console.rule("[green]Sambar is running")
    for name, address in (
        ("Operations timeline", system.operations),
        ("The ranger's phone", system.phone),
        ("The next in line's phone", system.second_phone),
    ):
        console.print(f"\n[bold]{name}[/]")
        console.print(address, soft_wrap=True)
    console.print(
        "\nSay 'Ready to go' on both phones, then open the incursion on the timeline and approve. When nobody answers"
        " within 20 s, the next in line is told.\n"
        f"Settings, logs and photos are in {system.places.folder}. Ctrl-C stops it all."
    )


def _as_interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
