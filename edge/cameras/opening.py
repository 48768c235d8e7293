"""Which camera the settings mean."""

from pathlib import Path

from edge.cameras import Camera
from edge.cameras.folder import Folder
from edge.cameras.scene import Scene
from edge.cameras.video import Stream, VideoFile
from edge.cameras.webcam import Webcam
from edge.clock import Clock
from edge.config import FolderSource, SceneSource, Source, VideoSource, WebcamSource


def open_camera(source: Source, clock: Clock, state: Path) -> Camera:
    """Nothing is opened yet: that, and what may go wrong with it, comes with the first frame."""
    match source:
        case VideoSource() if source.is_stream:
            return Stream(source.path, clock)
        case VideoSource():
            return VideoFile(
                Path(source.path), clock,
                fast=source.pace == "fast", loop=source.loop, rest_s=source.rest_s, fps=source.fps,
            )  # fmt: skip
        case WebcamSource():
            return Webcam(source.number, clock, source.width, source.height)
        case FolderSource():
            return Folder(
                Path(source.path), clock,
                interval_s=source.interval_s, fast=source.pace == "fast", loop=source.loop,
            )  # fmt: skip
        case SceneSource():
            return Scene(
                source.script, clock, state / "scene.json",
                passes=source.passes, fps=source.fps, fast=source.pace == "fast",
            )  # fmt: skip
