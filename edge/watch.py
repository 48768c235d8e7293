"""One frame's way: gate, detector, votes, sighting, telling."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import structlog

from edge.crops import detect
from edge.detectors import Detector
from edge.frame import Frame
from edge.gate import Gate, Motion, Region, why_detect
from edge.moving import Moving
from edge.pictures import grey_of
from edge.quality import quality
from edge.sighting import Shot, Sightings, Telling
from edge.teller import Teller
from edge.votes import Votes
from models.detection import Detection
from wire.messages import Stages

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WatchSettings:
    labels: frozenset[str]
    crops: int
    gate_width: int
    triggered: bool
    """Each frame was taken because something moved: no gate, and one vote is enough."""


class Watch:
    """Looks at the frames of one camera, in their order."""

    def __init__(
        self,
        settings: WatchSettings,
        detector: Detector,
        *,
        gate: Gate,
        votes: Votes,
        sightings: Sightings,
        teller: Teller,
    ) -> None:
        self.frames = 0
        self.moved = 0
        """Frames that the gate let through."""
        self.looked = 0
        """Frames that the detector saw."""
        self.fault: str | None = None
        """Why the last frame could not be looked at."""
        self._settings = settings
        self._detector = detector
        self._gate = gate
        self._votes = votes
        self._sightings = sightings
        self._teller = teller
        self._seen: float | None = None
        self._look: float | None = None
        self._moving = Moving()
        self._where: tuple[Region, ...] = ()
        self._now = 0.0

    def look(self, frame: Frame) -> None:
        self._now = frame.seconds
        self.frames += 1
        try:
            self._look_at(frame)
        except Exception as surprise:  # noqa: BLE001 - one bad frame, or one bad moment of the model, must not end the watch
            if self.fault is None:
                _log.exception("a frame could not be looked at", frame=frame.number)
            self.fault = f"{type(surprise).__name__}: {surprise}"
        else:
            self.fault = None

    def _look_at(self, frame: Frame) -> None:
        now = frame.seconds
        motion = self._motion(frame)
        self.moved += motion.moved or self._settings.triggered
        if not self._is_worth(motion, now):
            self._tell(self._sightings.pass_time(now))
            return
        self._look = now
        self.looked += 1
        shot = self._shot(frame, motion)
        counts = Counter(found.label for found in shot.detections)
        if counts:
            self._seen = now
        agreed = dict(counts) if self._settings.triggered else self._votes.add(now, counts)
        self._tell(self._sightings.see(shot, agreed))

    def pass_time(self, now: float) -> None:
        """When no frame came: `now` on the clock of `Frame.seconds`."""
        self._now = max(self._now, now)
        self._tell(self._sightings.pass_time(self._now))

    def canary(self, frame: Frame, at: datetime) -> None:
        """Tells the whole frame as the daily canary, whatever is on it."""
        stage = frame.at_stage(time.monotonic())
        shot = Shot(frame, (), 0.0, Stages(shutter=frame.at, gated=stage, detected=stage))
        try:
            self._tell([self._sightings.canary(shot, at)])
        except Exception as surprise:  # noqa: BLE001 - as in `look`: a bad frame must not end the watch
            _log.exception("a frame could not be told as a canary", frame=frame.number)
            self.fault = f"{type(surprise).__name__}: {surprise}"

    def stop(self) -> None:
        """Closes and tells what is open."""
        self._tell(self._sightings.stop(self._now))

    def _is_worth(self, motion: Motion, now: float) -> bool:
        if self._settings.triggered:
            return True
        return why_detect(motion, _since(self._seen, now), _since(self._look, now)) is not None

    def _motion(self, frame: Frame) -> Motion:
        if self._settings.triggered:
            return Motion("the photo itself")
        return self._gate.look(grey_of(frame.image, self._settings.gate_width), frame.seconds)

    def _shot(self, frame: Frame, motion: Motion) -> Shot:
        gated = time.monotonic()
        # Whoever stands still is looked for where he was last.
        found = detect(self._detector, frame.image, motion.regions or self._where, self._settings.crops)
        wanted = tuple(self._visitors(found, motion, frame.seconds))
        if wanted:
            self._where = tuple(Region(each.box.x, each.box.y, each.box.width, each.box.height) for each in wanted)
        detected = time.monotonic()
        stages = Stages(shutter=frame.at, gated=frame.at_stage(gated), detected=frame.at_stage(detected))
        return Shot(frame, wanted, quality(frame.image, wanted) if wanted else 0.0, stages)

    def _visitors(self, found: list[Detection], motion: Motion, seconds: float) -> list[Detection]:
        wanted = [each for each in found if each.label in self._settings.labels]
        if self._settings.triggered:
            return wanted
        return self._moving.visitors(wanted, motion.regions, seconds)

    def _tell(self, tellings: list[Telling]) -> None:
        for telling in tellings:
            self._teller.tell(telling)
        self._teller.flush()


def _since(then: float | None, now: float) -> float | None:
    return None if then is None else now - then
