"""`sambar alerts …`: who would be told, and a test of somebody's channels."""

import json
import logging
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from alerts.channels import make
from alerts.clock import SystemClock
from alerts.decide import Pace
from alerts.deliver import Dispatcher
from alerts.delivery import Kind
from alerts.plan import Wanted
from gateway.config import Settings
from gateway.explain import Explanation, NoSuchCamera, explain
from gateway.park import park_names
from gateway.store import Store, StoreTrouble, open_store, tables
from gateway.store.ledger import StoreLedger
from gateway.store.planning import decide_notice, locked_park, new_delivery
from gateway.tally import tally
from sambar.commands.gateway import load_or_complain, settings_option

TEST_WITHIN_S = 60.0
park_option = click.option("--park", help="Needed only where the database holds several.")


@click.group(name="alerts")
def command() -> None:
    """Who is told, by what, and why."""


@command.command(name="explain")
@click.option("--camera", required=True, help="Which camera sees it.")
@click.option("--at", "moment", help="When, by the park's clock: 2026-12-24T03:40. Default: now.")
@click.option("--kind", "kinds", multiple=True, default=["person"], show_default=True, help="What is seen; repeatable.")
@click.option("--persons", type=click.IntRange(0, 200), default=1, show_default=True, help="How many people.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@park_option
@settings_option
def explain_command(
    path: Path,
    camera: str,
    *,
    moment: str | None,
    kinds: tuple[str, ...],
    persons: int,
    park: str | None,
    as_json: bool,
) -> None:
    """Say who would be told of an incursion at a camera, by what, when, and why, if nobody answered."""
    settings = load_or_complain(path)
    with _store(settings) as store, store.reading() as session:
        row = session.get_one(tables.Park, _park(store, park))
        zone = ZoneInfo(row.zone)
        at = _moment(moment, zone)
        try:
            found = explain(
                session,
                row,
                camera,
                kinds=frozenset(kinds),
                persons=persons,
                at=at,
                channels=frozenset(settings.channels),
            )
        except NoSuchCamera as wrong:
            raise click.ClickException(str(wrong)) from wrong
    if as_json:
        click.echo(json.dumps(asdict(found), default=lambda each: each.total_seconds(), ensure_ascii=False))
    else:
        _show(found, camera, at.astimezone(zone))


@command.command()
@click.option("--to", "person", required=True, help="The person, as park.toml names them.")
@park_option
@settings_option
def test(path: Path, person: str, park: str | None) -> None:
    """Send a test message to PERSON over each of their channels, and say what each service answered."""
    settings = load_or_complain(path)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )  # what it says is our output
    clock = SystemClock()
    with _store(settings) as store:
        name = _park(store, park)
        numbers = _open_test(store, name, person, frozenset(settings.channels), clock.now())
        channels = [make(each, settings.channels[each]) for each in sorted({each for each, _ in numbers})]
        ledger = StoreLedger(store, clock=clock, pace=settings.alerts.pace())
        dispatcher = Dispatcher(
            ledger, channels, clock, died=lambda name, error: click.echo(f"{name}: {error}", err=True)
        )
        dispatcher.start()
        try:
            failed = _wait(store, {number for _, number in numbers})
        finally:
            dispatcher.stop(timedelta(seconds=5))
    if failed:
        raise SystemExit(1)


@command.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@park_option
@settings_option
def report(path: Path, days: int, park: str | None, *, as_json: bool) -> None:
    """Count per person: alerts told and seen, marks of false alarm and of our patrol, mutes made and agreed to."""
    settings = load_or_complain(path)
    with _store(settings) as store, store.reading() as session:
        found = tally(session, _park(store, park), datetime.now(UTC) - timedelta(days=days))
    if as_json:
        plain = [asdict(each) for each in found]
        click.echo(json.dumps(plain, default=lambda each: each.total_seconds(), ensure_ascii=False))
        return
    columns = ("who", "told", "seen", "seen after", "ready", "false alarm", "our patrol", "mutes", "agreed to")
    table = Table(*columns, title=f"The last {days} days", title_justify="left", box=None, pad_edge=False)
    for each in found:
        counts = (each.ready, each.false_alarm, each.our_patrol, each.mutes, each.agreed)
        after = _after(each.to_seen) if each.to_seen is not None else "-"
        table.add_row(each.name, str(each.told), str(each.seen), after, *(str(count) for count in counts))
    Console().print(table)


def _open_test(store: Store, park: str, person: str, channels: frozenset[str], now: datetime) -> list[tuple[str, int]]:
    """(channel, delivery) of each of the person's channels. Raises ClickException."""
    with store.writing() as session:
        row = locked_park(session, park)
        known = session.get(tables.Person, (park, person))
        if known is None:
            there = session.scalars(select(tables.Person.person).where(tables.Person.park == park)).all()
            raise click.ClickException(
                f"--to {person}: expected one of: {', '.join(sorted(there)) or 'nobody is there'}"
            )
        if not known.channels:
            raise click.ClickException(f"--to {person}: has no channel; expected at least one in park.toml")
        row.last_notice += 1
        row.change += 1
        notice = tables.Notice(
            park=park, number=row.last_notice, kind=Kind.TEST, subject=person, since=now, stored_at=now, revision=1,
            facts={"by": "sambar alerts test"}, people=[person], over_at=now,
        )  # fmt: skip
        session.add(notice)
        session.flush()
        found: list[tuple[str, int]] = []
        for rank, each in enumerate(known.channels):
            if each["channel"] not in channels:
                click.echo(
                    f"{each['channel']}: is not set up; expected a section [channels.{each['channel']}]", err=True
                )
                continue
            wanted = Wanted(person, each["channel"], each["address"], rank, "sambar alerts test")
            delivery = new_delivery(park, wanted, now, notice=notice.number)
            session.add(delivery)
            session.flush()
            decide_notice(delivery, notice, now, Pace())
            found.append((each["channel"], delivery.number))
        return found


def _wait(store: Store, numbers: set[int]) -> bool:
    """Says what became of each. Whether any failed."""
    deadline = time.monotonic() + TEST_WITHIN_S
    failed, open_ones = False, set(numbers)
    while open_ones and time.monotonic() < deadline:
        with store.reading() as session:
            rows = session.scalars(select(tables.Delivery).where(tables.Delivery.number.in_(open_ones))).all()
        for row in rows:
            if row.accepted_at is not None:
                took = (row.accepted_at - row.decided_at).total_seconds()
                click.echo(f"{row.channel}: accepted after {took:.1f} s, as message {row.message_id}")
            elif row.over:
                click.echo(f"{row.channel}: refused: {row.trouble}")
                failed = True
            else:
                continue
            open_ones.discard(row.number)
        time.sleep(0.1)
    with store.reading() as session:
        for row in session.scalars(select(tables.Delivery).where(tables.Delivery.number.in_(open_ones))):
            click.echo(f"{row.channel}: not accepted within {TEST_WITHIN_S:.0f} s: {row.trouble or 'no answer yet'}")
            failed = True
    return failed


def _show(found: Explanation, camera: str, at: datetime) -> None:
    console = Console()
    console.print(
        f"At {camera}, {at:%a %d %b %Y %H:%M}, severity {found.severity}, by route: {', '.join(found.routes)}"
    )
    table = Table("after", "who", "by", "then by", "why", box=None, pad_edge=False)
    for step in found.steps:
        how = "held back" if step.held else "quietly" if step.quiet else ""
        table.add_row(
            _after(step.after),
            f"{step.name} ({step.person})",
            f"{step.channel} {how}".strip(),
            ", ".join(step.next_channels) or "-",
            f"{step.why}{f'; muted: {step.held}' if step.held else ''}",
        )
    console.print(table)
    if not found.steps:
        console.print("Nobody: no person of this park has a channel that is set up.")
    console.print(f"May approve a party: {', '.join(found.officers) or 'the chief and the operators'}")
    for mute in found.mutes:
        console.print(f"Muted: {mute}", markup=False)
    for person in found.unreachable:
        console.print(f"Cannot be reached: {person} has no channel that is set up")
    for channel in found.not_set_up:
        console.print(
            f"Not set up: somebody lists {channel}; expected a section [channels.{channel}] in gateway.toml",
            markup=False,
        )


def _after(time: timedelta) -> str:
    seconds = round(time.total_seconds())
    return "at once" if not seconds else f"{seconds} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _moment(text: str | None, zone: ZoneInfo) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise click.ClickException(f"--at {text}: expected a moment such as 2026-12-24T03:40") from wrong
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _park(store: Store, wanted: str | None) -> str:
    names = park_names(store)
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted not in names:
        raise click.ClickException(
            f"--park {wanted or '(not given)'}: expected one of: {', '.join(names) or 'none yet'}"
        )
    return wanted


@contextmanager
def _store(settings: Settings) -> Generator[Store, None, None]:
    try:
        store = open_store(settings.database.url)
    except StoreTrouble as wrong:
        raise click.ClickException(str(wrong)) from wrong
    try:
        yield store
    finally:
        store.close()
