"""`sambar …`: one thin module per command group, imported only when its group is used."""

import importlib

import click

GROUPS = {
    "camera": "sambar.commands.camera",
    "demo": "sambar.commands.demo",
    "gateway": "sambar.commands.gateway",
    "models": "sambar.commands.models",
    "park": "sambar.commands.park",
    "wire": "sambar.commands.wire",
}
"""Group name → the module whose `command` it is. A module that needs an extra is reached only through its own group."""


class LazyGroup(click.Group):
    """Imports a group's module when it is called, so that a camera needs none of the gateway's libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in GROUPS:
            return None
        try:
            return importlib.import_module(GROUPS[cmd_name]).command
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] in {"wire", "edge", "models", "alerts", "gateway", "sambar"}:
                raise
            return _explain(cmd_name, missing)


def _explain(name: str, missing: ModuleNotFoundError) -> click.Command:
    """A stand-in that says which extra is missing, so that `sambar --help` still works on every machine."""
    extra = {"camera": "edge", "models": "edge", "gateway": "gateway,alerts", "park": "gateway", "demo": "demo"}.get(
        name, "alerts"
    )
    sentence = f"`sambar {name}` needs the package {missing.name!r}. Install it with: pip install 'sambar[{extra}]'"

    @click.command(
        name,
        short_help=f"(not installed here: pip install 'sambar[{extra}]')",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    def unavailable() -> None:
        raise click.ClickException(sentence)

    return unavailable


@click.command(cls=LazyGroup, name="sambar")
@click.version_option(package_name="sambar")
def main() -> None:
    """Camera-trap alerts at the trail edge: a person walks past, a ranger's phone shows the photo within seconds."""


if __name__ == "__main__":
    main()
