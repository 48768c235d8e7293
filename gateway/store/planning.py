"""The plan of an incursion brought into its deliveries: at each change, and whenever time alone may change it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.channels import TRAITS
from alerts.decide import Known, Pace, Said, due
from alerts.delivery import Alarm, Answer, Kind
from alerts.incursion import told_kinds
from alerts.mute import muted
from alerts.plan import Plan, Situation, Tried, Wanted, plan, superiors, weakest
from alerts.response import Answered, State, fold
from alerts.route import Called, Matter, Route, may_hear, route, severity
from gateway.store import tables
from gateway.store.directory import may_decide, mutes, standing

RINGING = frozenset(name for name, traits in TRAITS.items() if traits.rings)


@dataclass(frozen=True, slots=True)
class Planned:
    state: State
    plan: Plan


def locked_park(session: Session, park: str) -> tables.Park:
    """The park's row, first of all: whoever changes what is told in a park takes this lock before any other."""
    return session.scalars(select(tables.Park).where(tables.Park.park == park).with_for_update()).one()


class Planning:
    """Of one park, for one transaction that holds the park's lock."""

    def __init__(
        self, session: Session, park: tables.Park, now: datetime, pace: Pace, channels: frozenset[str] | None = None
    ) -> None:
        """`channels`: those that are set up, when that is known."""
        self._session = session
        self._park = park
        self._now = now
        self._pace = pace
        self._channels = channels
        self.standing = standing(session, park, now)
        self._mutes = (*mutes(session, park.park, now), *self.standing.quiet_hours)
        of = tables.Camera
        areas = session.execute(select(of.camera, of.area).where(of.park == park.park))
        self._areas: dict[str, str] = {row.camera: row.area for row in areas}

    def renew(self, row: tables.Incursion) -> Planned:
        """Deliveries that are wanted now are made, those that are there are decided anew; `wake_at` is set."""
        deliveries = list(self._deliveries(row))
        state = self.state(row)
        alarm = state.alarm(self.standing.rules, self._now)
        matters = self.matters(row)
        answered = frozenset(state.seen)
        situation = Situation(
            directory=self.standing.directory,
            matters=matters,
            begun_at=row.stored_at,
            state=state,
            mutes=self._mutes,
            tried=tuple(_tried(each, answered=each.person in answered) for each in deliveries),
            channels=self._channels,
            alarm=alarm if alarm in {Alarm.HELP, Alarm.OVERDUE, Alarm.APPROVAL_WANTED} else None,
            ringing=RINGING,
        )
        planned = plan(situation, self.standing.timers, self._now)
        deliveries += self._made(row, deliveries, planned.wanted)
        row.wake_at = planned.wake_at
        row.possibly_ours = row.possibly_ours or self._ours(matters)
        calls = {each.person: each for each in planned.routed.first + planned.routed.reserve}
        for delivery in deliveries:
            self._quieten(
                delivery, situation, calls.get(delivery.person), self._alarm_for(delivery.person, state, alarm, row)
            )
            decide_incursion(delivery, row, self._now, self._pace)
        return Planned(state, planned)

    def renew_notice(self, row: tables.Notice) -> Plan:
        """As `renew`, of a notice: by the routes, or to those whom it is for."""
        deliveries = list(self._deliveries(row))
        camera = row.camera or ""
        matter = Matter(
            frozenset([row.kind]), self._areas.get(camera, ""), camera, row.since.astimezone(self.standing.zone), 0
        )
        directory = self.standing.directory
        if row.people is not None:
            readers = Route("its readers", people=tuple(row.people), quiet=row.kind == Kind.CANARY)
            directory = replace(directory, routes=(readers,))
        situation = Situation(
            directory=directory,
            matters=(matter,),
            begun_at=row.stored_at,
            mutes=self._mutes,
            tried=tuple(_tried(each, answered=False) for each in deliveries),
            channels=self._channels,
            ringing=RINGING,
        )
        planned = plan(situation, self.standing.timers, self._now)
        row.wake_at = None if row.over_at is not None else planned.wake_at
        wanted = planned.wanted
        if row.kind == Kind.CANARY and row.people is not None:
            # Whoever else could be told in their place would be told nothing but a test.
            wanted = tuple(each for each in wanted if each.person in row.people)
        deliveries += self._made(row, deliveries, wanted)
        for delivery in deliveries:
            decide_notice(delivery, row, self._now, self._pace)
        return planned

    def state(self, row: tables.Incursion) -> State:
        of = tables.Answer
        found = self._session.scalars(
            select(of).where(of.park == row.park, of.incursion == row.number).order_by(of.at, of.number)
        )
        answers = [Answered(each.person, Answer(each.answer), each.at, each.may_decide, each.note) for each in found]
        return fold(answers, self.standing.rules)

    def matters(self, row: tables.Incursion) -> tuple[Matter, ...]:
        """One for each camera that saw the party."""
        kinds = told_kinds(row.counts, self._park.tell)
        if row.counts.get("person"):
            kinds |= {"person"}  # whatever the park tells: no village hears of an elephant beside which people walk
        local = row.last_at.astimezone(self.standing.zone)
        weight = severity(kinds, int(row.counts.get("person", 0)), local)
        return tuple(Matter(kinds, self._areas.get(camera, ""), camera, local, weight) for camera in row.cameras)

    def may_decide(self, person: str, row: tables.Incursion) -> bool:
        """Whether it is this person's office to approve a party and to judge what was seen."""
        found = [route(self.standing.directory, matter) for matter in self.matters(row)]
        officers = {officer for routed in found for officer in routed.officers}
        chiefs = {routed.chief for routed in found if routed.chief is not None}
        chiefs |= {name for chief in list(chiefs) for name in superiors(self.standing.directory, chief)}
        return may_decide(self.standing, person, frozenset(officers), frozenset(chiefs))

    def _ours(self, matters: Iterable[Matter]) -> bool:
        found = [muted(matter, "", self._mutes, self._now) for matter in matters]
        return any(mute is not None and mute.ours for mute in found)

    def _deliveries(self, row: tables.Incursion | tables.Notice) -> Sequence[tables.Delivery]:
        of = tables.Delivery
        about = of.incursion if isinstance(row, tables.Incursion) else of.notice
        wanted = select(of).where(of.park == row.park, about == row.number).order_by(of.number)
        return self._session.scalars(wanted.with_for_update()).all()

    def _made(
        self, row: tables.Incursion | tables.Notice, there: Sequence[tables.Delivery], wanted: Iterable[Wanted]
    ) -> list[tables.Delivery]:
        """New deliveries; one that was held and is wanted now is let go, and its timers begin."""
        about = "incursion" if isinstance(row, tables.Incursion) else "notice"
        known = {(each.person, each.channel): each for each in there}
        addresses = {(each.channel, each.address) for each in there}  # a group's chat, told through another person
        new: list[tables.Delivery] = []
        for each in wanted:
            held = known.get((each.person, each.channel))
            if held is not None:
                held.held, held.why, held.quiet = each.held, each.why, each.quiet
                held.address, held.rank, held.decided_at = each.address, each.rank, self._now
            elif (each.channel, each.address) not in addresses:
                addresses.add((each.channel, each.address))
                new.append(new_delivery(row.park, each, self._now, **{about: row.number}))
        self._session.add_all(new)
        return new

    def _quieten(
        self, delivery: tables.Delivery, situation: Situation, called: Called | None, mine: Alarm | None
    ) -> None:
        """Quiet or loud, by what holds for this person now. An alarm is loud; one that rises again rings again."""
        known = self.standing.directory.people.get(delivery.person)
        if known is not None and not all(may_hear(known, matter) for matter in situation.matters):
            delivery.held = "it is about people now: not for a village"
            return
        mute = weakest(situation.matters, delivery.person, self._mutes, self._now)
        state = situation.state
        delivery.quiet = mine is None and (
            mute is not None or delivery.person in state.dark or state.over or (called is not None and called.quiet)
        )
        if delivery.alarm != mine and delivery.told_alarm == mine:
            delivery.told_alarm = None
        delivery.alarm = str(mine) if mine else None
        if delivery.held is not None and delivery.alarm is not None:
            delivery.held, delivery.decided_at = None, self._now

    def _alarm_for(self, person: str, state: State, alarm: Alarm | None, row: tables.Incursion) -> Alarm | None:
        known = self.standing.directory.people.get(person)
        if alarm is None or known is None or known.villager:
            return None
        may_decide = alarm is Alarm.APPROVAL_WANTED and self.may_decide(person, row)
        return state.alarm_for(person, self.standing.rules, self._now, may_decide=may_decide)


def new_delivery(
    park: str, wanted: Wanted, now: datetime, *, incursion: int | None = None, notice: int | None = None
) -> tables.Delivery:
    return tables.Delivery(
        park=park,
        incursion=incursion,
        notice=notice,
        person=wanted.person,
        channel=wanted.channel,
        address=wanted.address,
        rank=wanted.rank,
        why=wanted.why,
        reason="",
        quiet=wanted.quiet,
        held=wanted.held,
        decided_at=now,
        due_at=None,
        told_revision=None,
        told_cameras=0,
        attempts=0,
        with_photo=False,
        anew=True,
        over=False,
    )


def decide_incursion(row: tables.Delivery, incursion: tables.Incursion, now: datetime, pace: Pace) -> None:
    """Set when and why the delivery is to be told next. Call it after each change of its incursion, its park locked."""
    known = Known(
        revision=incursion.revision,
        stored_at=incursion.stored_at,
        has_photo=incursion.photo is not None,
        cameras=len(incursion.cameras),
        last_at=incursion.last_at,
        alarm=Alarm(row.alarm) if row.alarm is not None else None,
        late=incursion.late,
        quiet=row.quiet,
    )
    settle(row, known, now, pace)


def decide_notice(row: tables.Delivery, notice: tables.Notice, now: datetime, pace: Pace) -> None:
    """As `decide_incursion`. Of all notices a canary alone has a photo, for which it waits as an incursion does."""
    complete = notice.kind != Kind.CANARY or notice.photo is not None
    known = Known(revision=notice.revision, stored_at=notice.stored_at, has_photo=complete, cameras=0, quiet=row.quiet)
    settle(row, known, now, pace)


def settle(row: tables.Delivery, known: Known, now: datetime, pace: Pace) -> None:
    """A delivery that is being put off by its channel's trouble is never pulled forward."""
    if row.over:
        return
    decision = None if row.held is not None else due(known, said(row), now, pace)
    if decision is None:
        row.due_at = None
        return
    row.reason, row.anew = decision.reason, decision.anew
    row.due_at = max(decision.at, row.due_at) if row.attempts and row.due_at is not None else decision.at


def said(row: tables.Delivery) -> Said | None:
    told_at = row.edited_at or row.accepted_at
    if row.told_revision is None or told_at is None:
        return None
    return Said(
        revision=row.told_revision,
        with_photo=row.with_photo,
        at=told_at,
        new_at=row.new_at,
        cameras=row.told_cameras,
        last_at=row.told_last_at,
        alarm=Alarm(row.told_alarm) if row.told_alarm is not None else None,
    )


def _tried(row: tables.Delivery, answered: bool) -> Tried:
    traits = TRAITS.get(row.channel)
    return Tried(
        person=row.person,
        channel=row.channel,
        rank=row.rank,
        decided_at=row.decided_at,
        accepted_at=row.accepted_at,
        reached=answered or row.delivered_at is not None or row.seen_at is not None,
        over=row.over,
        held=row.held is not None,
        address=row.address,
        group=traits is not None and traits.group_mark is not None and row.address.startswith(traits.group_mark),
    )
