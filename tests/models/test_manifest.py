from pathlib import Path

import pytest

from models.detection import Box
from models.errors import BadManifest
from models.manifest import Labelled, read


def manifest(folder: Path, *lines: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").touch()
    (row,) = read(manifest(tmp_path, "path,label,light,note", "photos/a.jpg,person,day,at the ford"))
    assert (row.photo, row.label, row.light, row.boxes) == (tmp_path / "photos" / "a.jpg", "person", "day", None)


def test_every_mistake_is_named_with_its_line_column_value_and_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    path = manifest(tmp_path, "path,label,light", "a.jpg,human,day", "b.jpg,person,", "a.jpg,empty,ir")
    with pytest.raises(BadManifest) as caught:
        read(path)
    assert str(caught.value).splitlines() == [
        f"{path}: 3 mistakes",
        "  line 2, label: 'human'; expected one of person, vehicle, animal, empty, no-person",
        f"  line 3, path: 'b.jpg'; expected a file, looked for {tmp_path}/b.jpg",
        "  line 3, light: ''; expected a word such as day, ir, flash",
    ]


def test_a_manifest_without_a_column_says_which(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="no column label, light; expected path, label, light in its first line"):
        read(manifest(tmp_path, "path,class", "a.jpg,person"))


def test_a_manifest_without_photos_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="no rows"):
        read(manifest(tmp_path, "path,label,light"))


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="no CSV file that can be read"):
        read(tmp_path / "nowhere.csv")


def test_box_files_are_found_by_the_photos_names(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "b.jpg").touch()
    (tmp_path / "a.txt").write_text("0 0.5 0.5 0.2 0.4\n\n1 0.95 0.5 0.2 1\n")
    with_boxes, without = read(manifest(tmp_path, "path,label,light", "a.jpg,person,day", "b.jpg,person,day"), tmp_path)
    assert with_boxes.boxes is not None
    person, car = with_boxes.boxes
    assert (person.kind, person.box.x, person.box.height) == ("person", pytest.approx(0.4), pytest.approx(0.4))
    assert (car.kind, car.box.x + car.box.width) == ("vehicle", pytest.approx(1.0))
    assert without.boxes is None


def test_a_row_may_name_its_own_box_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "drawn.txt").write_text("2 0.5 0.5 1 1")
    (row,) = read(manifest(tmp_path, "path,label,light,boxes", "a.jpg,animal,ir,drawn.txt"))
    assert row.boxes == (Labelled("animal", Box(0, 0, 1, 1)),)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 0.5 0.5 0.2", "expected five numbers"),
        ("7 0.5 0.5 0.2 0.2", r"expected a class of 0 \(person\), 1 \(vehicle\), 2 \(animal\)"),
        ("0 320 240 64 128", "expected fractions from 0 to 1"),
        ("0 nan 0.5 0.2 0.2", "expected fractions from 0 to 1"),
        ("0 here 0.5 0.2 0.2", "could not convert"),
    ],
)
def test_a_line_of_a_box_file_that_is_wrong_is_named(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "a.txt").write_text(line)
    with pytest.raises(BadManifest, match=rf"a.txt, line 1: '{line}'; {expected}"):
        read(manifest(tmp_path, "path,label,light", "a.jpg,person,day"), tmp_path)
