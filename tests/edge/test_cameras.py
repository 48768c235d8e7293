"""Sources give their frames in order, at their pace, and say in words why they cannot."""

import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cameras import CameraBroken, CameraFault
from edge.cameras.folder import Folder
from edge.cameras.video import Stream, VideoFile, without_secret
from edge.cameras.webcam import Webcam
from edge.clock import SystemClock
from edge.feed import Feed, wait_before_reopening
from edge.frame import Frame
from tests.fixtures.mosquitto import wait_until

GOING = threading.Event()


def film(path: Path, frames: int, fps: float = 20.0) -> Path:
    """Frame n has the grey level 10·n."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for number in range(frames):
        writer.write(np.full((48, 64, 3), number * 10, np.uint8))
    writer.release()
    return path


def levels(frames: list[Frame]) -> list[int]:
    return [round(float(frame.image.mean()) / 10) for frame in frames]


def test_a_video_gives_its_frames_in_order(tmp_path: Path) -> None:
    frames = list(VideoFile(film(tmp_path / "a.avi", 8), SystemClock(), fast=True).frames(GOING))
    assert levels(frames) == list(range(8))
    assert [frame.number for frame in frames] == list(range(8))


def test_a_fast_replay_keeps_the_videos_own_time(tmp_path: Path) -> None:
    frames = list(VideoFile(film(tmp_path / "a.avi", 8, fps=2), SystemClock(), fast=True).frames(GOING))
    assert frames[-1].seconds - frames[0].seconds == pytest.approx(3.5)
    assert frames[-1].taken - frames[0].taken < 1


def test_a_replay_in_real_time_waits_for_each_frame(tmp_path: Path) -> None:
    frames = list(VideoFile(film(tmp_path / "a.avi", 7, fps=30), SystemClock()).frames(GOING))
    assert frames[-1].taken - frames[0].taken > 0.19


def test_between_two_rounds_no_frame_comes_for_the_rest(tmp_path: Path) -> None:
    file = VideoFile(film(tmp_path / "a.avi", 3), SystemClock(), fast=True, loop=True, rest_s=5, fps=10)
    frames = list(islice(file.frames(GOING), 4))
    assert levels(frames) == [0, 1, 2, 0]
    assert frames[3].seconds - frames[2].seconds == pytest.approx(5.1)


def test_a_stop_while_it_rests_is_no_fault(tmp_path: Path) -> None:
    stopping = threading.Event()
    file = VideoFile(film(tmp_path / "a.avi", 2, fps=100), SystemClock(), loop=True, rest_s=3600)
    taken: list[Frame] = []
    watching = threading.Thread(target=lambda: taken.extend(file.frames(stopping)))
    watching.start()
    stopping.wait(0.5)
    stopping.set()
    watching.join(timeout=10)
    assert not watching.is_alive()
    assert levels(taken) == [0, 1]


def test_a_loop_begins_anew(tmp_path: Path) -> None:
    frames = VideoFile(film(tmp_path / "a.avi", 3), SystemClock(), fast=True, loop=True).frames(GOING)
    assert levels([next(frames) for _ in range(7)]) == [0, 1, 2, 0, 1, 2, 0]


def test_a_video_that_breaks_off_gives_what_it_has_and_ends(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", 25)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"movi") + (len(whole) - whole.index(b"movi")) // 2])
    frames = list(VideoFile(path, SystemClock(), fast=True).frames(GOING))
    assert 3 < len(frames) < 22


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "there is no such file; expected a video"), (b"no video at all", "cannot be opened as a video")],
    ids=["missing", "not-a-video"],
)
def test_what_is_no_video_is_told_in_words(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "a.avi"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CameraBroken, match=f"a.avi: {told}"):
        list(VideoFile(path, SystemClock()).frames(GOING))


def test_a_stream_that_does_not_answer_may_come_back() -> None:
    with pytest.raises(CameraFault, match=r"http://127.0.0.1:9/cam: does not answer") as fault:
        list(Stream("http://guest:secret@127.0.0.1:9/cam?token=x", SystemClock()).frames(GOING))
    assert not isinstance(fault.value, CameraBroken)


def test_a_missing_webcam_may_come_back() -> None:
    with pytest.raises(CameraFault, match="webcam 63: cannot be opened; expected one at /dev/video63"):
        list(Webcam(63, SystemClock()).frames(GOING))


def test_a_password_in_an_address_does_not_reach_the_log() -> None:
    assert without_secret("rtsp://me:pass@10.0.0.2:554/live?key=1") == "rtsp://10.0.0.2:554/live"


def test_the_photos_of_a_folder_come_by_name_and_what_is_none_is_passed_over(tmp_path: Path) -> None:
    for name, level in [("b.jpg", 20), ("a.png", 10)]:
        cv2.imwrite(str(tmp_path / name), np.full((48, 64, 3), level, np.uint8))
    (tmp_path / "c.jpg").write_bytes(b"broken")
    (tmp_path / "notes.txt").write_text("no photo")
    frames = list(Folder(tmp_path, SystemClock()).frames(GOING))
    assert levels(frames) == [1, 2]
    assert frames[1].seconds - frames[0].seconds == pytest.approx(60)


def test_an_empty_or_missing_folder_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(CameraBroken, match=r"holds no photo; expected .jpeg, .jpg"):
        list(Folder(tmp_path, SystemClock()).frames(GOING))
    with pytest.raises(CameraBroken, match="there is no such folder"):
        list(Folder(tmp_path / "none", SystemClock()).frames(GOING))


class Scripted:
    """A camera that does as told, frame by frame."""

    triggered = False

    def __init__(self, *, waits: bool, faults: int = 0) -> None:
        self.waits = waits
        self.faults = faults
        self.given = 0

    def frames(self, stopping: threading.Event) -> Iterator[Frame]:
        for _ in range(5):
            if stopping.is_set():
                return
            if self.faults:
                self.faults -= 1
                raise CameraFault("the cable is loose")
            taken = float(self.given)
            yield Frame(np.zeros((2, 2, 3), np.uint8), self.given, SystemClock().now(), taken, taken)
            self.given += 1


def test_a_live_camera_goes_on_and_the_newest_frame_wins() -> None:
    feed = Feed(Scripted(waits=False), threading.Event())
    feed.start()
    wait_until(lambda: feed.count == 5, "five frames")
    frame = feed.take(1)
    assert frame is not None
    assert frame.number == 4
    assert feed.missed == 4
    assert feed.finished
    feed.join(5)


def test_a_replay_waits_so_that_no_frame_is_missed() -> None:
    feed = Feed(Scripted(waits=True), threading.Event())
    feed.start()
    numbers: list[int] = []
    while not feed.finished:
        if (frame := feed.take(5)) is not None:
            numbers.append(frame.number)
    assert numbers == [0, 1, 2, 3, 4]
    feed.join(5)


def _soon(failures: int, chance: float) -> float:
    return 0.2 + 0.1 * min(failures, 1) * min(chance, 1)


def test_a_camera_that_fails_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.feed.wait_before_reopening", _soon)
    feed = Feed(Scripted(waits=True, faults=1), threading.Event())
    feed.start()
    wait_until(lambda: feed.fault == "the cable is loose", "the fault")
    assert feed.take(5) is not None
    assert feed.fault is None
    while not feed.finished:
        feed.take(1)
    feed.join(5)


def test_a_feed_that_nobody_takes_from_still_stops() -> None:
    stopping = threading.Event()
    feed = Feed(Scripted(waits=True), stopping)
    feed.start()
    wait_until(lambda: feed.count == 2, "the second frame, which waits")
    stopping.set()
    feed.join(5)
    assert not feed.runs


def test_each_failure_waits_longer_up_to_a_minute() -> None:
    assert [wait_before_reopening(failures, 0) for failures in (1, 2, 3, 50)] == [1, 2, 4, 60]
