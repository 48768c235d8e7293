"""What people say back, by whatever channel: answers, commands, and the receipts of services.

Only known people are obeyed: whoever speaks must have that address in park.toml. What is heard is kept before its
service is told that it was taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from alerts import Clock, commands
from alerts.decide import Pace
from alerts.delivery import Answer
from alerts.heard import Heard, Reply
from alerts.mute import MuteKind
from alerts.one_line import one_line
from alerts.reply_words import CAMERAS_SILENT, ReplyWords
from alerts.route import OPERATOR
from alerts.terms import LABELS
from alerts.words import Words
from gateway.store import Store, muting, tables
from gateway.store.answering import NoSuchIncursion, Outcome, answer
from gateway.store.muting import BadMute, Wish
from gateway.store.telling import Best, PhotoReader, no_photo

log = structlog.get_logger()

STAFF = frozenset({"ranger", OPERATOR, "analyst", "administrator"})
"""Roles that may speak; a villager only reads."""


KINDS: Mapping[type, MuteKind] = {
    commands.Silence: MuteKind.SILENCE,
    commands.Patrol: MuteKind.PATROL,
    commands.Maintenance: MuteKind.MAINTENANCE,
}


@dataclass(frozen=True, slots=True)
class Speaker:
    park: str
    person: str
    role: str
    words: Words
    zone: ZoneInfo


class Hearing:
    """Safe to share among threads."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        pace: Pace | None = None,
        photo: PhotoReader = no_photo,
        planned: Callable[[], None] = lambda: None,
    ) -> None:
        """`planned` is called when there may be something to tell."""
        self._store = store
        self._clock = clock
        self._pace = pace or Pace()
        self._photo = photo
        self._planned = planned

    def heard(self, heard: Heard) -> Reply | None:
        """Keeps it, and says what to answer."""
        now = self._clock.now()
        if heard.delivered is not None:
            self._delivered(heard, now)
            return None
        if heard.answer is not None and heard.delivery is None and heard.token is not None:
            heard = replace(heard, delivery=self._of_message(heard.channel, heard.token))
        speaker = self._speaker(heard)
        if speaker is None or speaker.role not in STAFF:
            log.warning("a stranger speaks", channel=heard.channel)
            return Reply(Words("en").reply(ReplyWords.STRANGER)) if heard.sender == heard.chat else None
        if heard.answer is not None:
            return Reply(self._answered(speaker, heard, now))
        return self._commanded(speaker, commands.read(heard.text or "", now.astimezone(speaker.zone)), now)

    def said(self, words: Words, zone: ZoneInfo, outcome: Outcome) -> str:
        """An outcome in words."""
        values: dict[str, str | float] = {}
        for name, value in outcome.values.items():
            match value:
                case Answer():
                    values[name] = words.answer(value)
                case datetime():
                    values[name] = f"{value.astimezone(zone):%H:%M}"
                case _:
                    values[name] = value
        return words.reply(outcome.words, **values)

    def _answered(self, speaker: Speaker, heard: Heard, now: datetime) -> str:
        with self._store.reading() as session:
            row = session.get(tables.Delivery, heard.delivery) if heard.delivery is not None else None
            # A client of one's own can send any number: it must be one that was told there.
            ours = row is not None and row.park == speaker.park and row.channel == heard.channel
            ours = ours and row is not None and row.address in {heard.chat, heard.sender}
            incursion = row.incursion if ours and row is not None else None
        if incursion is None or heard.answer is None:
            return speaker.words.reply(ReplyWords.NOT_ALLOWED)
        try:
            outcome = answer(
                self._store, speaker.park, incursion, speaker.person, heard.answer,
                now=now, channel=heard.channel, pace=self._pace,
            )  # fmt: skip
        except NoSuchIncursion:
            return speaker.words.reply(ReplyWords.NO_INCURSION)
        self._planned()
        return self.said(speaker.words, speaker.zone, outcome)

    def _commanded(self, speaker: Speaker, command: commands.Command, now: datetime) -> Reply:
        words = speaker.words
        match command:
            case commands.Help():
                return Reply(words.reply(ReplyWords.HELP))
            case commands.Unknown():
                return Reply(words.reply(ReplyWords.NOT_KNOWN, word=one_line(command.word)))
            case commands.Status():
                return Reply(self._status(speaker))
            case commands.Last():
                return self._last(speaker)
            case commands.Photo():
                return self._photo_of(speaker, command.camera)
            case _:
                return Reply(self._muted(speaker, command, now))

    def _muted(self, speaker: Speaker, command: commands.Command, now: datetime) -> str:
        words = speaker.words
        try:
            match command:
                case commands.Silence() | commands.Patrol() | commands.Maintenance():
                    kind = KINDS[type(command)]
                    camera = self._camera(speaker.park, command.camera)
                    if camera is None:
                        return words.reply(ReplyWords.NO_CAMERA, camera=one_line(command.camera))
                    wish = Wish(kind, speaker.person, command.reason, now, command.until, cameras=(camera,))
                    made = muting.mute(self._store, speaker.park, wish, now)
                case commands.Agree():
                    made = muting.agree(self._store, speaker.park, command.number, speaker.person, now)
                case commands.Lift():
                    muting.lift(self._store, speaker.park, command.number, speaker.person, now)
                    self._planned()
                    return words.reply(ReplyWords.NOT_QUIET)
                case _:
                    return words.reply(ReplyWords.HELP)
        except BadMute as bad:
            return str(bad)
        self._planned()
        if made.needs_agreement() and made.agreed_by is None:
            where = ", ".join(sorted(made.cameras | made.areas))
            return words.reply(ReplyWords.SECOND_WANTED, camera=where, number=made.number)
        until = f"{made.ends.astimezone(speaker.zone):%H:%M}"
        return words.reply(ReplyWords.QUIET, time=until, reason=one_line(made.reason))

    def _status(self, speaker: Speaker) -> str:
        notice = tables.Notice
        with self._store.reading() as session:
            silent = session.scalars(
                select(notice.subject)
                .where(notice.park == speaker.park, notice.kind == "camera-silent", notice.over_at.is_(None))
                .order_by(notice.subject)
            ).all()
        lines = [
            speaker.words.count(*CAMERAS_SILENT, len(silent), names=", ".join(silent))
            if silent
            else speaker.words.say(ReplyWords.ALL_HEARD)
        ]
        lines.append(self._last(speaker).text)
        return "\n".join(lines)

    def _last(self, speaker: Speaker) -> Reply:
        of = tables.Incursion
        with self._store.reading() as session:
            row = session.scalars(
                select(of).where(of.park == speaker.park).order_by(of.number.desc()).limit(1)
            ).one_or_none()
            if row is None:
                return Reply(speaker.words.reply(ReplyWords.NO_INCURSION))
            camera = session.get(tables.Camera, (row.park, row.cameras[-1])) if row.cameras else None
            counts = ", ".join(
                speaker.words.label(label, int(count)) for label, count in row.counts.items() if label in LABELS
            )
            place = camera.place if camera is not None else ""
            when = speaker.words.day_and_time(row.last_at, speaker.zone)
            photo = self._newest(session, row.park, row.photo_camera, row.photo)
        text = f"{row.number} · {counts} · {one_line(place)}\n{when}"
        return Reply(text, self._photo(*photo) if photo is not None else None)

    def _photo_of(self, speaker: Speaker, wanted: str) -> Reply:
        """The last one that came, with its time: a unit on a battery takes none on demand."""
        words = speaker.words
        camera = self._camera(speaker.park, wanted)
        if camera is None:
            return Reply(words.reply(ReplyWords.NO_CAMERA, camera=one_line(wanted)))
        of = tables.Photo
        with self._store.reading() as session:
            row = session.scalars(
                select(of).where(of.park == speaker.park, of.camera == camera).order_by(of.stored_at.desc()).limit(1)
            ).one_or_none()
            if row is None:
                return Reply(words.reply(ReplyWords.NO_PHOTO, camera=camera))
            found = self._newest(session, row.park, row.camera, row.original)
            when = words.day_and_time(row.stored_at, speaker.zone)
        return Reply(f"{camera} · {when}", self._photo(*found) if found is not None else None)

    @staticmethod
    def _newest(session: Session, park: str, camera: str | None, original: str | None) -> Best | None:
        if camera is None or original is None:
            return None
        photo = session.get(tables.Photo, (park, camera, original))
        if photo is None:
            return None
        sighting = session.get(tables.Sighting, (park, camera, photo.boot, photo.sequence))
        named = sighting.photos if sighting is not None else []
        by_original: dict[str, list[dict[str, Any]]] = {each["original"]: each["detections"] for each in named}
        return photo.path, by_original.get(original, [])

    def _camera(self, park: str, wanted: str) -> str | None:
        with self._store.reading() as session:
            of = tables.Camera
            names = session.scalars(select(of.camera).where(of.park == park, of.revoked_at.is_(None))).all()
        return next((name for name in names if name.casefold() == wanted.casefold()), None)

    def _speaker(self, heard: Heard) -> Speaker | None:
        """Who has this address on this channel. Of several parks, the one whose delivery it answers."""
        with self._store.reading() as session:
            wanted = {"channel": heard.channel, "address": heard.sender}
            row = session.get(tables.Delivery, heard.delivery) if heard.delivery is not None else None
            found = [person for person in session.scalars(select(tables.Person)) if wanted in person.channels]
            if row is not None:
                found = [person for person in found if person.park == row.park]
            if not found:
                return None
            person = found[0]
            zone = ZoneInfo(session.get_one(tables.Park, person.park).zone)
            return Speaker(person.park, person.person, person.role, Words(person.language), zone)

    def _of_message(self, channel: str, message_id: str) -> int | None:
        """The delivery that went out as this message: a call knows its own number, and no more."""
        with self._store.reading() as session:
            row = session.scalars(_told_by(channel, message_id)).one_or_none()
            return None if row is None else row.number

    def _delivered(self, heard: Heard, now: datetime) -> None:
        with self._store.writing() as session:
            row = session.scalars(_told_by(heard.channel, heard.delivered or "")).one_or_none()
            if row is not None and row.delivered_at is None:
                row.delivered_at = min(heard.at, now)
                session.get_one(tables.Park, row.park).change += 1


def _told_by(channel: str, message_id: str) -> Select[tables.Delivery]:
    of = tables.Delivery
    found = select(of).where(of.channel == channel, of.message_id == message_id)
    return found.order_by(of.number.desc()).limit(1)
