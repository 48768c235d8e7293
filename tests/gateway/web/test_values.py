"""What the pages say, decided from rows alone."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.store import tables
from gateway.web import cameras, shots, steps, told, words
from gateway.web.render import MissingAssets, version
from tests.gateway.web.scene import NOW

BANGKOK = ZoneInfo("Asia/Bangkok")
S = timedelta(seconds=1)
MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"person": 1}, "1 person"),
        ({"motorcycle": 1, "person": 2}, "2 people, 1 motorcycle"),
        ({"car": 1, "truck": 3}, "3 trucks, 1 car"),
        ({"okapi": 2}, "2 okapi"),
        ({"person": 0}, "something"),
    ],
)
def test_counts_are_read_as_people_say_them(counts: dict[str, int], said: str):
    assert words.counted(counts) == said


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(), "0 s"),
        (-5 * S, "0 s"),
        (59 * S, "59 s"),
        (60 * S, "1 min"),
        (3600 * S, "1 h"),
        (7800 * S, "2 h 10 min"),
        (timedelta(hours=24), "1 day"),
        (timedelta(days=3, hours=5), "3 days"),
    ],
)
def test_distances_are_short(passed: timedelta, said: str):
    assert words.distance(passed) == said


@pytest.mark.parametrize(
    ("passed", "said"),
    [(35 * MS, "35 ms"), (2410 * MS, "2,410 ms"), (58 * S, "58.0 s"), (300 * S, "5 min"), (-40 * MS, "\u221240 ms")],
)
def test_steps_are_measured_in_milliseconds(passed: timedelta, said: str):
    assert words.milliseconds(passed) == said


def test_days_are_the_parks_own():
    assert words.clock(NOW, BANGKOK) == "03:41"
    assert words.day(NOW, BANGKOK) == "Wednesday 5 March 2025"
    assert words.day_from(NOW - timedelta(hours=4), NOW, BANGKOK) == "Yesterday"


def test_ninety_nine_and_a_half_is_not_said_to_be_certain():
    assert words.sure(0.996) == "99 % sure"


def delivery(**more: Any) -> tables.Delivery:
    values: dict[str, Any] = {"channel": "web", "over": False, "decided_at": NOW, "accepted_at": None, **more}
    return tables.Delivery(
        number=1, park="p", incursion=1, person="somchai", address="", reason="first notification",
        delivered_at=values.pop("delivered_at", None), seen_at=values.pop("seen_at", None), trouble=None, **values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "states", "summary"),
    [
        pytest.param(delivery(), "done waiting waiting waiting", "decided", id="decided"),
        pytest.param(delivery(accepted_at=NOW), "done done waiting waiting", "accepted", id="accepted"),
        pytest.param(
            delivery(accepted_at=NOW, channel="telegram"), "done done unknown waiting", "accepted",
            id="what-a-channel-cannot-say-is-unknown",
        ),
        pytest.param(delivery(accepted_at=NOW, delivered_at=NOW), "done done done waiting", "delivered", id="shown"),
        pytest.param(
            delivery(accepted_at=NOW, delivered_at=NOW, seen_at=NOW), "done done done done", "seen", id="seen"
        ),
        pytest.param(
            delivery(accepted_at=NOW, channel="email"), "done done unknown unknown", "accepted", id="no-answers-there"
        ),
        pytest.param(delivery(held="our patrol"), "done held held held", "muted", id="muted"),
        pytest.param(
            delivery(accepted_at=NOW, channel="relay"), "done done waiting waiting", "accepted", id="not-read-out-yet"
        ),
        pytest.param(delivery(over=True), "done failed failed failed", "refused", id="refused"),
    ],
)  # fmt: skip
def test_a_delivery_is_shown_as_far_as_it_is_known(row: tables.Delivery, states: str, summary: str):
    shown = told.told(row, {"somchai": "Somchai P."})
    assert [step.name for step in shown.steps] == ["decided", "accepted", "delivered", "seen"]
    assert " ".join(step.state for step in shown.steps) == states
    assert (shown.name, shown.summary) == ("Somchai P.", summary)


def camera(**more: Any) -> tables.Camera:
    values = dict.fromkeys(["revoked_at", "heard_at", "promised_by", "presence", "health"])
    return tables.Camera(park="p", camera="c", area="a", place="P", key="", **{**values, **more})


@pytest.mark.parametrize(
    ("row", "word"),
    [
        pytest.param(camera(), "new", id="never-heard"),
        pytest.param(camera(heard_at=NOW, promised_by=NOW, presence=1), "watching", id="promise-kept"),
        pytest.param(camera(heard_at=NOW, promised_by=NOW - S, presence=1), "silent", id="promise-broken"),
        pytest.param(camera(heard_at=NOW, promised_by=NOW - S, presence=0), "silent", id="gone-for-long"),
        pytest.param(camera(heard_at=NOW, promised_by=NOW + S, presence=0), "away", id="gone-just-now"),
        pytest.param(camera(heard_at=NOW, promised_by=NOW - S, presence=2), "off", id="left-in-good-order"),
        pytest.param(
            camera(heard_at=NOW, promised_by=NOW + S, presence=1, health={"camera_fault": "no frames"}), "blind",
            id="on-line-without-pictures",
        ),
        pytest.param(camera(heard_at=NOW, revoked_at=NOW, presence=1), "revoked", id="revoked"),
    ],
)  # fmt: skip
def test_a_cameras_state_follows_from_its_promise(row: tables.Camera, word: str):
    assert cameras.state(row, NOW).word == word


def test_cameras_that_need_a_look_come_first():
    rows = [camera(heard_at=NOW, presence=1), camera(), camera(heard_at=NOW, promised_by=NOW - S)]
    units = cameras.by_need([cameras.unit(row, "", NOW) for row in rows])
    assert [unit.state.word for unit in units] == ["silent", "watching", "new"]


def sighting(**said: int) -> tables.Sighting:
    """Opened at NOW by the gateway; the camera's clock was an hour slow."""
    slow = round((NOW - timedelta(hours=1)).timestamp() * 1000)
    times = {"opened_at": slow, "shutter": slow, "gated": slow + 20, "detected": slow + 200, "sent": slow + 250}
    return tables.Sighting(
        park="p", camera="c", boot=1, sequence=1, opened_at=NOW, stored_at=NOW + 700 * MS, said={**times, **said},
        photos=[{"original": "ab" * 32, "at": slow + 5, "detections": [
            {"label": "person", "score": 0.876, "x": 0.5, "y": 0.25, "width": 0.1, "height": 0.5},
        ]}],
    )  # fmt: skip


def test_an_alerts_line_runs_from_the_shutter_to_the_phone():
    row = delivery(decided_at=NOW + 710 * MS, accepted_at=NOW + 800 * MS, delivered_at=NOW + 1000 * MS)
    line = steps.line(told.told(row, {}), sighting())
    assert [(step.name, step.after and step.after / MS) for step in line.steps] == [
        ("shutter", None), ("gated", 20), ("detected", 180), ("sent", 50), ("stored", 450), ("decided", 10),
        ("accepted", 90), ("delivered", 200), ("seen", None),
    ]  # fmt: skip
    assert (line.total, line.reached) == (S, "delivered")


def test_only_the_step_from_camera_to_gateway_compares_two_clocks():
    line = steps.line(told.told(delivery(accepted_at=NOW + S), {}), sighting())
    assert [step.name for step in line.steps if step.across] == ["stored"]


def test_a_clock_that_no_network_set_is_not_trusted():
    assert [steps.trusted(sighting(clock=quality)) for quality in range(4)] == [False, False, True, True]


def preview(original: str) -> tables.Photo:
    return tables.Photo(park="p", camera="c", original=original, width=640, height=480)


def test_boxes_are_in_the_previews_pixels():
    (shot,) = shots.shots(sighting(), {("c", "ab" * 32): preview("ab" * 32)})
    (box,) = shot.boxes
    assert (box.x, box.y, box.width, box.height, box.percent) == (320, 120, 64, 240, 87)
    assert shot.at == NOW + 5 * MS


def test_a_sightings_page_shows_what_has_come_before_what_is_on_its_way():
    row = sighting()
    row.photos = [row.photos[0] | {"original": name * 64} for name in ("a", "b", "c")]
    shown = shots.shots(row, {("c", "b" * 64): preview("b" * 64), ("c", "c" * 64): preview("c" * 64)})
    assert [shot.original[0] for shot in shown] == ["b", "c", "a"]


def test_a_photo_that_has_come_goes_before_a_surer_one_that_has_not():
    named = [shots.Shot("c", each, NOW, score, (), stored) for each, score, stored in [
        ("a", 0.9, None), ("b", 0.5, preview("b")), ("d", 0.6, preview("d")),
    ]]  # fmt: skip
    best = shots.best(named)
    assert best is not None
    assert best.original == "d"


def test_missing_browser_libraries_are_a_sentence_with_the_command(tmp_path: Path):
    with pytest.raises(MissingAssets, match=r"htmx\.min\.js.*npm ci --ignore-scripts"):
        version(tmp_path)
