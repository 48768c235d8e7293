"""`sambar …`: one thin module per command group, imported only when its group is used."""

import importlib
from dataclasses import dataclass

import click

OURS = {"wire", "edge", "models", "alerts", "gateway", "sambar"}


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command group that is not imported yet."""

    module: str
    """Whose `command` it is."""
    words: str
    extra: str
    """What to install it with."""


GROUPS = {
    "alerts": Lazy(
        "sambar.commands.alerts", "Who would be told, and why; a test of a person's channels.", "gateway,alerts"
    ),
    "camera": Lazy("sambar.commands.camera", "Run the unit on the tree; make its key.", "edge"),
    "demo": Lazy(
        "sambar.commands.demo", "The whole system on this machine, with a camera that replays footage.", "demo"
    ),
    "gateway": Lazy("sambar.commands.gateway", "Run the operations centre; make a person's link.", "gateway,alerts"),
    "models": Lazy("sambar.commands.models", "The detector's models: list, verify, fetch, evaluate.", "edge"),
    "park": Lazy(
        "sambar.commands.park", "Areas, cameras, teams and people: apply a park.toml, show it.", "gateway,alerts"
    ),
    "watch": Lazy("sambar.commands.watch", "From another machine: tell people when the gateway is gone.", "alerts"),
    "wire": Lazy("sambar.commands.wire", "Look at what travels between a camera and the gateway.", ""),
}


class LazyGroup(click.Group):
    """Imports a group when it is called, so that a camera needs none of the gateway's libraries, and help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in GROUPS:
            return None
        group = GROUPS[cmd_name]
        try:
            return importlib.import_module(group.module).command
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] in OURS:
                raise
            raise click.ClickException(
                f"`sambar {cmd_name}` needs the package {missing.name!r}. "
                f"Install it with: pip install 'sambar[{group.extra}]'"
            ) from missing

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, GROUPS[name].words) for name in self.list_commands(ctx)])


@click.command(cls=LazyGroup, name="sambar")
@click.version_option(package_name="sambar")
def main() -> None:
    """Camera-trap alerts at the trail edge: a person walks past, a ranger's phone shows the photo within seconds."""


if __name__ == "__main__":
    main()
