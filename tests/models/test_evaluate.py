from pathlib import Path

from models.detection import Box, Detection
from models.evaluate import FLOOR, Count, Judged, by_light, judge, outcome, sweep
from models.manifest import Label, Labelled, Row

SOMEWHERE = Box(0.1, 0.1, 0.2, 0.4)


def judged(label: Label, *seen: tuple[str, float], light: str = "day") -> Judged:
    row = Row(Path("a.jpg"), label, light, None)
    return Judged(row, tuple(Detection(word, score, SOMEWHERE) for word, score in seen))


def test_a_person_photo_is_found_by_a_person_that_is_sure_enough() -> None:
    photos = [judged("person", ("person", 0.4)), judged("person", ("person", 0.39)), judged("person", ("dog", 0.9))]
    assert outcome(photos, 0.4).person == Count(1, 3)


def test_any_kind_of_vehicle_finds_a_vehicle_photo() -> None:
    photos = [judged("vehicle", ("truck", 0.5)), judged("vehicle", ("bicycle", 0.5)), judged("vehicle")]
    assert outcome(photos, 0.4).vehicle == Count(2, 3)


def test_a_person_or_a_vehicle_on_a_photo_of_an_animal_or_of_nothing_is_a_false_alarm() -> None:
    photos = [
        judged("animal", ("elephant", 0.9)),
        judged("animal", ("elephant", 0.5), ("person", 0.45)),
        judged("empty", ("car", 0.6), ("person", 0.6)),
        judged("empty", ("bird", 0.6)),
    ]
    assert outcome(photos, 0.4).false_alarms == Count(2, 4)


def test_photos_without_a_person_may_hold_vehicles_and_are_no_false_alarm() -> None:
    photos = [judged("no-person", ("car", 0.9)), judged("no-person", ("person", 0.9))]
    assert outcome(photos, 0.4).false_alarms == Count(0, 0)
    assert outcome(photos, 0.4).false_persons == Count(1, 2)


def test_each_light_is_counted_apart() -> None:
    photos = [judged("person", ("person", 0.9)), judged("person", light="ir"), judged("animal", light="ir")]
    assert {light: each.person for light, each in by_light(photos, 0.4).items()} == {
        "day": Count(1, 1),
        "ir": Count(0, 1),
    }


def test_a_sweep_asks_the_detector_once_for_each_photo() -> None:
    asked: list[Row] = []

    def detect(row: Row) -> list[Detection]:
        asked.append(row)
        return [Detection("person", 0.5, SOMEWHERE), Detection("person", FLOOR / 2, SOMEWHERE)]

    photos = list(judge([Row(Path("a.jpg"), "person", "day", None)], detect))
    assert [each.person.found for each in sweep(photos, [0.01, 0.5, 0.51])] == [1, 1, 0]
    assert len(asked) == 1
    assert len(photos[0].seen) == 1


def with_boxes(drawn: list[Box], seen: list[Box]) -> Count:
    row = Row(Path("a.jpg"), "person", "day", tuple(Labelled("person", box) for box in drawn))
    return outcome([Judged(row, tuple(Detection("person", 0.9, box) for box in seen))], 0.4).boxes["person"]


def test_a_drawn_box_is_found_by_one_that_covers_it() -> None:
    assert with_boxes([SOMEWHERE, Box(0.6, 0.1, 0.2, 0.4)], [Box(0.12, 0.1, 0.2, 0.4)]) == Count(1, 2)


def test_one_detection_does_not_find_two_people() -> None:
    assert with_boxes([SOMEWHERE, Box(0.12, 0.1, 0.2, 0.4)], [Box(0.11, 0.1, 0.2, 0.4)]) == Count(1, 2)


def test_a_box_that_hardly_touches_finds_nothing() -> None:
    assert with_boxes([SOMEWHERE], [Box(0.25, 0.1, 0.2, 0.4)]) == Count(0, 1)


def test_photos_that_nobody_drew_boxes_for_count_none() -> None:
    assert outcome([judged("person", ("person", 0.9))], 0.4).boxes == {}
