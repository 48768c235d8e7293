"""Turns what the sightings have to tell into messages: the original to disk, then the text, then its preview.

The original is safe before a text speaks of it, and the text promises its preview in the same commit; so a kill at any
moment leaves nothing announced that cannot be made good at the next start.
"""

import errno
import hashlib
import sqlite3
from collections import deque
from dataclasses import dataclass, field

import structlog

from edge.frame import Image
from edge.originals import Originals
from edge.outbox import Outbox, Stamp
from edge.pictures import jpeg, opened
from edge.preview import preview
from edge.sighting import Shot, Telling
from edge.spool import NoRoom, Promise
from wire.messages import Detection, Opening, Photo, Preview, Sighting, Weights
from wire.topics import Kind

_log = structlog.get_logger()
_MOST_PENDING = 16
_ROOM = 20_000_000


@dataclass(slots=True)
class _Told:
    """What has been said of one sighting so far."""

    opening: Opening
    photos: dict[int, Photo] = field(default_factory=dict[int, Photo])
    """Frame number → its photo."""


class Teller:
    """Tells in order. What the disk does not take is tried again, from memory, as long as there is room for it."""

    def __init__(
        self, outbox: Outbox, originals: Originals, weights: Weights, *, preview_bytes: int, original_quality: int
    ) -> None:
        self._outbox = outbox
        self._originals = originals
        self._weights = weights
        self._preview_bytes = preview_bytes
        self._original_quality = original_quality
        self._told: dict[int, _Told] = {}
        self._pending: deque[Telling] = deque()
        self.count = 0
        """Sightings opened."""

    def tell(self, telling: Telling) -> None:
        self._pending.append(telling)
        if len(self._pending) > _MOST_PENDING:
            lost = self._pending.popleft()
            _log.error("a telling is lost: the disk takes nothing", sighting=lost.number, revision=lost.revision)
        self.flush()

    def flush(self) -> None:
        """Tells what could not be told before. To be called now and then."""
        while self._pending:
            try:
                self._tell(self._pending[0])
            except (sqlite3.Error, OSError) as fault:
                _log.error("the disk did not take a sighting; trying again", error=str(fault))
                if "full" in str(fault) or getattr(fault, "errno", None) == errno.ENOSPC:
                    self._originals.give_up(_ROOM)
                return
            self._pending.popleft()

    def _tell(self, telling: Telling) -> None:
        told = self._told.get(telling.number)
        known = {} if told is None else told.photos
        new = [
            (shot, jpeg(shot.frame.image, self._original_quality))
            for shot in telling.shots
            if shot.frame.number not in known
        ]
        photos = known | {shot.frame.number: _photo(shot, original) for shot, original in new}
        for _, original in new:
            self._keep(original)
        opening = self._post_text(telling, photos, [photos[shot.frame.number].original for shot, _ in new])
        _log.info(
            "sighting",
            opening=f"{opening.boot}/{opening.sequence}", revision=telling.revision, state=telling.state.name,
            reason=telling.reason, counts=dict(telling.counts), photos=len(telling.shots),
        )  # fmt: skip
        self.count += telling.revision == 0
        self._told[telling.number] = _Told(opening, photos)
        for shot, _ in new:
            self._post_preview(Promise(photos[shot.frame.number].original, opening), shot.frame.image)
        # The sighting before is needed for one more: the one that carries it on.
        for number in [number for number in self._told if number < telling.number - 1]:
            del self._told[number]

    def keep_promises(self) -> None:
        """Makes the previews that a former run announced and did not come to. Once, at the start."""
        for promise in self._outbox.promised():
            original = self._originals.read(promise.original)
            image = None if original is None else opened(original)
            if image is None:
                _log.error("a preview that was announced cannot be made", original=promise.original.hex())
                self._outbox.give_up_promise(promise.original)
            else:
                self._post_preview(promise, image)

    def _keep(self, original: bytes) -> None:
        try:
            self._originals.keep(original)
        except OSError as fault:
            _log.error("an original was not kept", original=hashlib.sha256(original).hexdigest(), error=str(fault))

    def _post_text(self, telling: Telling, photos: dict[int, Photo], new: list[bytes]) -> Opening:
        """`new`: the originals whose previews this text announces."""
        told = self._told.get(telling.number)
        previous = None if telling.previous is None else self._told.get(telling.previous)
        openings: list[Opening] = []

        def make(stamp: Stamp) -> Sighting:
            own = Opening(boot=stamp["boot"], sequence=stamp["sequence"])
            openings.append(own if told is None else told.opening)
            return Sighting(
                **stamp,
                opening=openings[-1],
                revision=telling.revision,
                state=telling.state,
                opened_at=telling.opened_at,
                seen_at=telling.seen_at,
                counts=dict(sorted(telling.counts.items())[:16]),
                photos=tuple(photos[shot.frame.number] for shot in telling.shots),
                model=self._weights,
                stages=telling.stages,
                previous=None if previous is None else previous.opening,
            )

        self._outbox.post(Kind.SIGHTING, make, promising=lambda: [Promise(original, openings[-1]) for original in new])
        return openings[-1]

    def _post_preview(self, promise: Promise, image: Image) -> None:
        try:
            small = preview(image, self._preview_bytes)
            self._outbox.post(
                Kind.PREVIEW,
                lambda stamp: Preview(**stamp, opening=promise.opening, original=promise.original, image=small.image),
                keeping=promise.original,
            )
        except (NoRoom, ValueError) as fault:
            _log.error("a preview was given up", original=promise.original.hex(), error=str(fault))
            self._outbox.give_up_promise(promise.original)
        except sqlite3.Error as fault:
            _log.error("a preview waits for the next start", original=promise.original.hex(), error=str(fault))


def _photo(shot: Shot, original: bytes) -> Photo:
    best = sorted(shot.detections, key=lambda found: -found.score)[:32]
    return Photo(
        original=hashlib.sha256(original).digest(),
        at=shot.frame.at,
        detections=tuple(
            Detection(
                label=found.label,
                score=_fraction(found.score),
                x=_fraction(found.box.x),
                y=_fraction(found.box.y),
                width=_fraction(found.box.width),
                height=_fraction(found.box.height),
            )
            for found in best
        ),
    )


def _fraction(value: float) -> float:
    return float(max(0.0, min(1.0, value)))
