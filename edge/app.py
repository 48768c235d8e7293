"""The camera's program. Wiring only: what each part does stands in its own module."""

import threading
import time
from importlib.metadata import version

import structlog

from edge.boots import Boot, Boots
from edge.cameras import Camera
from edge.cameras.opening import open_camera
from edge.canary import Canary, own_time
from edge.clock import Clock, SystemClock
from edge.commands import Commands
from edge.config import DetectorSection, Settings
from edge.detectors import Detector
from edge.feed import Feed
from edge.gate import Gate
from edge.health import Heartbeat, Vitals
from edge.originals import Originals
from edge.outbox import Outbox
from edge.sighting import Sightings
from edge.spool import Spool
from edge.teller import Teller
from edge.uplink import Uplink
from edge.votes import Votes
from edge.watch import Watch, WatchSettings
from wire.keys import SigningKey
from wire.messages import Weights

_log = structlog.get_logger()

DRAIN_WITHIN_S = 30.0
"""A source that ended waits so long for the last receipts. What has none is sent at the next start."""
_POLL_S = 0.25


def run(settings: Settings, stopping: threading.Event) -> None:
    """Runs until the source ends or `stopping` is set; then closes the open sighting and says goodbye.

    Raises CameraBroken when no frame can ever come, BadKey, and what the detector's model says of itself.
    """
    key = SigningKey.load(settings.camera.key)
    clock = SystemClock(settings.clock.quality)
    detector, weights = open_detector(settings.detector)
    state = settings.camera.state
    boots = Boots(state)
    boot = boots.begin()
    _log.info("start", camera=f"{settings.camera.park}/{settings.camera.name}", boot=boot.number, last=boot.reason)
    spool = Spool(state / "spool.sqlite3", boot.number, settings.spool.most_bytes)
    try:
        _Unit(
            settings=settings, key=key, clock=clock, detector=detector, weights=weights, boot=boot, spool=spool,
            stopping=stopping,
        ).run()  # fmt: skip
        boots.end(boot)
    finally:
        spool.close()


def open_detector(section: DetectorSection) -> tuple[Detector, Weights]:
    """The detector that the settings mean, and its name for the messages."""
    if section.kind == "scripted":
        from edge.detectors.scripted import ScriptedDetector  # noqa: PLC0415 - a unit needs only one of them

        return ScriptedDetector(), Weights(name=ScriptedDetector.name, digest=bytes(8))
    import models  # noqa: PLC0415
    from edge.detectors.tflite import TfliteDetector  # noqa: PLC0415

    card = models.load(section.model)
    return TfliteDetector(card, section.threads, section.threshold), Weights(
        name=card.name, digest=bytes.fromhex(card.sha256)[:8]
    )


class _Unit:
    """The parts of one run, put together."""

    def __init__(
        self,
        *,
        settings: Settings,
        key: SigningKey,
        clock: SystemClock,
        detector: Detector,
        weights: Weights,
        boot: Boot,
        spool: Spool,
        stopping: threading.Event,
    ) -> None:
        self._spool = spool
        self._stopping = stopping
        state = settings.camera.state
        outbox = Outbox(settings.camera.park, settings.camera.name, key, clock, spool)
        self._originals = Originals(state / "originals", settings.photos.originals_bytes)
        self._uplink = Uplink(settings.broker, outbox, spool, Commands(state, outbox, self._originals, clock).obey)
        camera = open_camera(settings.source, clock, state)
        self._camera = camera
        self._feed_stop = threading.Event()
        self._feed = Feed(camera, self._feed_stop)
        teller = Teller(
            outbox, self._originals, weights,
            preview_bytes=settings.photos.preview_bytes, original_quality=settings.photos.original_quality,
        )  # fmt: skip
        teller.keep_promises()
        self._watch = _watch(settings, camera, detector, teller)
        self._canary = _canary(settings, camera, clock, self._watch)
        self._heartbeat = Heartbeat(
            outbox, self._vitals, folder=state, version=version("sambar"), boot_reason=boot.reason,
            every_s=settings.health.every_s,
        )  # fmt: skip

    def run(self) -> None:
        self._feed.start()
        self._uplink.start()
        self._heartbeat.beat(time.monotonic())
        try:
            self._loop()
            self._watch.stop()
            self._drain()
        finally:
            self._feed_stop.set()
            self._feed.join(2.0)
            self._uplink.stop()
            _log.info(
                "stop",
                frames=self._feed.count, missed=self._feed.missed, moved=self._watch.moved, looked=self._watch.looked,
                waiting=self._spool.waiting(), bytes_sent=self._uplink.bytes_sent,
            )  # fmt: skip
        if self._feed.broken is not None:
            raise self._feed.broken

    def _loop(self) -> None:
        while not self._stopping.is_set():
            frame = self._feed.take(_POLL_S)
            if frame is not None:
                self._watch.look(frame)
                if self._canary is not None:
                    self._canary.see(frame, time.monotonic())
            elif self._feed.finished:
                return
            elif not self._camera.waits:
                self._watch.pass_time(time.monotonic())
            if self._canary is not None:
                self._canary.pass_time(time.monotonic(), self._feed.fault)
            self._heartbeat.beat(time.monotonic())

    def _drain(self) -> None:
        """The source has ended: what was told is still to arrive."""
        deadline = time.monotonic() + DRAIN_WITHIN_S
        while not self._stopping.is_set() and self._spool.waiting() and time.monotonic() < deadline:
            self._stopping.wait(0.1)

    def _vitals(self) -> Vitals:
        return Vitals(
            frames=self._feed.count,
            frames_moved=self._watch.moved,
            spooled=self._spool.waiting(),
            bytes_sent=self._uplink.bytes_sent,
            shed=self._spool.shed_count + self._originals.shed_count,
            camera_fault=self._feed.fault or self._watch.fault,
        )


def _canary(settings: Settings, camera: Camera, clock: Clock, watch: Watch) -> Canary | None:
    if not settings.canary.enabled:
        return None
    return Canary(
        own_time(settings.canary.at, settings.camera.park, settings.camera.name),
        settings.camera.state, clock, watch.canary, triggered=camera.triggered, now=time.monotonic(),
    )  # fmt: skip


def _watch(settings: Settings, camera: Camera, detector: Detector, teller: Teller) -> Watch:
    return Watch(
        WatchSettings(
            labels=settings.detector.labels,
            crops=settings.detector.crops,
            gate_width=settings.gate.width,
            triggered=camera.triggered,
        ),
        detector,
        gate=Gate(settings.gate.settings()),
        votes=Votes(settings.votes.settings()),
        sightings=Sightings(settings.sighting.settings()),
        teller=teller,
    )
