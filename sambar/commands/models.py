"""`sambar models …`: which models there are, whether their weights are right, and how well they see."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click
import cv2
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn, track
from rich.table import Table

import models
from edge.detectors.tflite import TfliteDetector
from edge.frame import Image
from models import evaluate, fetch, manifest
from models.card import Card
from models.detection import Detection, Kind
from models.errors import ModelError, WeightsMissing


@click.group("models")
def command() -> None:
    """List, check, fetch and evaluate the models that find people and vehicles.

    NAME is a model of the list, or the path of one's own card.toml.
    """


@command.command("list")
def list_() -> None:
    """Print the models that Sambar has a card for."""
    table = Table(box=None, padding=(0, 3, 0, 0))
    for heading in ("name", "licence", "size", "weights", "measured"):
        table.add_column(heading, no_wrap=heading in {"licence", "size", "weights"})
    for name in models.names():
        card = _card(name)
        measured = "\n".join(f"{key.replace('_', ' ')} {value}" for key, value in card.measured.items())
        default = " (default)" if name == models.DEFAULT else ""
        table.add_row(
            f"{name}{default}\n{card.title}", card.licence, f"{card.size / 1e6:.1f} MB", _where(card), measured + "\n"
        )
    Console(highlight=False).print(table)


@command.command()
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Check the weights' SHA-256 against the card: of NAME, or of every model whose weights are here."""
    for each in [name] if name else models.names():
        card = _card(each)
        try:
            path = models.weights(card)
        except WeightsMissing as missing:
            if name or card.url is None:
                raise click.ClickException(str(missing)) from None
            click.echo(f"{card.name}: not fetched")
        except ModelError as wrong:
            raise click.ClickException(str(wrong)) from None
        else:
            click.echo(f"{card.name}: right, {path}")


@command.command("fetch")
@click.argument("name")
def fetch_(name: str) -> None:
    """Download the weights of NAME by the address and SHA-256 in its card; goes on where it broke off."""
    card = _card(name)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(card.name, total=None)
        try:
            path = fetch.fetch(card, lambda here, total: bar.update(task, completed=here, total=total))
        except ModelError as wrong:
            raise click.ClickException(str(wrong)) from None
        except OSError as wrong:
            raise click.ClickException(f"model {card.name}: cannot be kept in {models.cache()}: {wrong}") from None
    click.echo(path)


@command.command("evaluate")
@click.option(
    "--manifest", "listed", required=True, type=click.Path(path_type=Path),
    help="A CSV file with the columns path, label and light; docs/models.md describes it.",
)  # fmt: skip
@click.option("--model", "name", default=models.DEFAULT, show_default=True, metavar="NAME")
@click.option(
    "--boxes", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of box files, NAME.txt for each photo NAME that has one.",
)  # fmt: skip
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate_(listed: Path, name: str, boxes: Path | None, threads: int, *, as_json: bool) -> None:
    """Count what a model finds on labelled photos, and how often it sees somebody where nobody is.

    Each photo is looked at whole, as it is: a camera besides looks at crops around motion, and asks for several frames.
    """
    card = _card(name)
    try:
        rows = manifest.read(listed, boxes)
        detector = TfliteDetector(card, threads, threshold=min(evaluate.FLOOR, card.threshold))
    except ModelError as wrong:
        raise click.ClickException(str(wrong)) from None
    spent: list[float] = []

    def detect(row: manifest.Row) -> list[Detection]:
        image = _photo(row.photo)
        begun = time.perf_counter()
        found = detector.detect(image)
        spent.append(time.perf_counter() - begun)
        return found

    shown = track(rows, "Looking", console=Console(stderr=True), transient=True, disable=as_json)
    judged = list(evaluate.judge(shown, detect))
    outcome = evaluate.outcome(judged, card.threshold)
    lights = evaluate.by_light(judged, card.threshold)
    swept = evaluate.sweep(judged)
    milliseconds = round(1000 * sorted(spent)[len(spent) // 2], 2)
    if as_json:
        answer: dict[str, Any] = {"model": card.name, "sha256": card.sha256, "photos": len(rows)}
        answer |= {"median_ms": milliseconds, "threads": threads, **_plain(outcome)}
        answer["by_light"] = {light: _plain(each) for light, each in lights.items()}
        answer["sweep"] = [_plain(each) for each in swept]
        click.echo(json.dumps(answer, indent=2))
        return
    console = Console(highlight=False)
    console.print(f"{card.title}: {len(rows)} photos, {milliseconds} ms each (median, {threads} threads)")
    console.print(_table(f"by light, at the card's threshold {card.threshold:g}", {**lights, "all": outcome}))
    console.print(_table("by threshold", {f"{each.threshold:.2f}": each for each in swept}))


def _card(name: str) -> Card:
    try:
        return models.load(name)
    except ModelError as wrong:
        raise click.ClickException(str(wrong)) from None


def _where(card: Card) -> str:
    if models.place(card).exists():
        return "fetched" if card.url else "shipped"
    return "to be fetched" if card.url else "missing"


def _photo(path: Path) -> Image:
    # OpenCV's stubs leave out that a file that is no picture comes back as None.
    image = cast("Image | None", cv2.imread(str(path), cv2.IMREAD_COLOR))
    if image is None:
        raise click.ClickException(f"{path}: not a photo that can be opened; expected JPEG, PNG or WebP")
    return image


def _plain(outcome: evaluate.Outcome) -> dict[str, Any]:
    """As JSON has it."""
    plain = asdict(outcome)
    for name in ("false_alarms", "false_persons"):
        plain[name] = {"photos": plain[name]["found"], "of": plain[name]["of"]}
    return plain


def _table(title: str, outcomes: dict[str, evaluate.Outcome]) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", box=None, padding=(0, 3, 0, 0))
    kinds: list[Kind] = [kind for kind in manifest.BOX_KINDS if any(kind in each.boxes for each in outcomes.values())]
    headings = ["", "person", "vehicle", "animal", "false alarms", "persons seen on no-person"]
    for heading in [*headings, *(f"{kind} boxes" for kind in kinds)]:
        table.add_column(heading, justify="right" if heading else "left")
    for name, each in outcomes.items():
        counts = [each.person, each.vehicle, each.animal, each.false_alarms, each.false_persons]
        counts += [each.boxes.get(kind, evaluate.Count(0, 0)) for kind in kinds]
        table.add_row(name, *(f"{count.found}/{count.of}" if count.of else "-" for count in counts))
    return table
