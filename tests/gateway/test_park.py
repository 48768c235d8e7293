"""park.toml: checked whole, compared in words, brought into the database and written out again."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.identity import Keyring, Unknown
from gateway.mistakes import BadSettings
from gateway.park import ParkSettings, apply, export, load_park, park_in, plan
from gateway.store import Store
from sambar.cli import main
from wire.keys import SigningKey

SMALL = Path(__file__).parents[1] / "fixtures" / "small_park.toml"
EXAMPLE = Path(__file__).parents[2] / "docs" / "park.example.toml"


@pytest.fixture
def example() -> ParkSettings:
    return load_park(SMALL)


@pytest.fixture
def full() -> ParkSettings:
    return load_park(EXAMPLE)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "park.toml"
    path.write_text(text)
    return path


def changed(tmp_path: Path, old: str, new: str) -> ParkSettings:
    """The small park with one change."""
    text = SMALL.read_text()
    assert old in text
    return load_park(written(tmp_path, text.replace(old, new)))


def test_a_park_comes_back_from_the_database_as_it_was_applied(store: Store, full: ParkSettings) -> None:
    apply(store, full)
    back = park_in(store, "khao-yai")
    assert back is not None
    assert plan(full, back) == []


def test_what_is_written_out_reads_as_the_same_park(store: Store, full: ParkSettings, tmp_path: Path) -> None:
    apply(store, full)
    back = park_in(store, "khao-yai")
    assert back is not None
    assert load_park(written(tmp_path, export(back))) == back


def test_strange_words_survive_the_writing_out(example: ParkSettings, tmp_path: Path) -> None:
    title = 'Dong "Phaya" \\ ดงพญาเย็น\n\x7f'
    strange = example.model_copy(update={"park": example.park.model_copy(update={"title": title})})
    assert load_park(written(tmp_path, export(strange))).park.title == title


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = SMALL.read_text()
    for old, new in (
        ('area = "north"', 'area = "nroth"'),
        ('members = ["somchai"]', 'members = ["somchai", "nobody"]'),
        ("longitude = 101.3720", ""),
        ('{ channel = "web", address = "somchai" }', '{ channel = "web", address = "somsak" }'),
    ):
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(BadSettings) as refused:
        load_park(written(tmp_path, text))
    told = str(refused.value)
    assert "4 mistakes" in told
    assert "camera.0.area: 'nroth'; expected one of: north" in told
    assert "team.0.members: 'nobody'; expected one of: desk, somchai" in told
    assert "camera.0: expected latitude and longitude together" in told
    assert "person.0.channels: web address 'somsak'; expected the person's own name, 'somchai'" in told


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("Asia/Bangkok", "Bangkok", "expected an IANA time zone such as Asia/Bangkok"),
        ('name = "khao-yai"', 'name = "khao/yai"', "park.name: 'khao/yai'"),
        ("latitude = 14.4390", "latitude = 144.0", "camera.0.latitude: 144.0"),
        ('key = "ed25519:', 'key = "rsa:', "camera.0.key"),
        ("gap_s = 900.0", "gap = 900", "grouping.gap: there is no such setting"),
        ('address = "123456789" }', 'address = "123456789" }, { channel = "telegram", address = "123456789" }',
         "expected each channel's address once"),
    ],
    ids=["zone", "name", "latitude", "key", "unknown", "the same chat twice"],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(BadSettings) as refused:
        changed(tmp_path, old, new)
    assert sentence in str(refused.value)


def test_two_cameras_with_one_key_are_a_mistake(tmp_path: Path, example: ParkSettings) -> None:
    text = SMALL.read_text()
    again = f'\n[[camera]]\nname = "ridge"\narea = "north"\nplace = "The ridge"\nkey = "{example.camera[0].key}"\n'
    with pytest.raises(BadSettings, match="is that of 'gate' too"):
        load_park(written(tmp_path, text + again))


def test_a_change_is_said_in_words(tmp_path: Path, example: ParkSettings) -> None:
    wanted = changed(tmp_path, 'role = "operator"', 'role = "ranger"')
    assert plan(example, wanted) == ["person 'desk': role 'operator' → 'ranger'"]


def test_a_new_park_is_said_piece_by_piece(example: ParkSettings) -> None:
    assert plan(None, example)[:3] == ["new park 'khao-yai'", "new area 'north'", "new camera 'gate'"]


def keyring(store: Store) -> Keyring:
    ring = Keyring()
    with store.reading() as session:
        ring.refresh(session)
    return ring


def test_a_camera_that_is_taken_out_is_no_longer_trusted_and_is_not_forgotten(
    store: Store, example: ParkSettings
) -> None:
    apply(store, example)
    apply(store, example.model_copy(update={"camera": ()}))
    back = park_in(store, "khao-yai")
    assert back is not None
    assert [camera.revoked for camera in back.camera] == [True]
    with pytest.raises(Unknown, match="khao-yai/gate is revoked"):
        keyring(store).key_of("khao-yai", "gate")


def test_a_new_key_is_known_at_the_next_look(store: Store, example: ParkSettings) -> None:
    apply(store, example)
    ring = keyring(store)
    new = SigningKey.make().public
    camera = example.camera[0].model_copy(update={"key": str(new)})
    apply(store, example.model_copy(update={"camera": (camera,)}))
    with store.reading() as session:
        ring.refresh(session)
    assert ring.key_of("khao-yai", "gate") == new


def sambar(*arguments: str, confirm: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments, input=confirm)
    return result.exit_code, result.output


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "gateway.toml"
    path.write_text(f'[database]\nurl = "sqlite:///{tmp_path}/sambar.db"\n')
    return str(path)


def test_apply_shows_the_difference_and_asks(settings: str) -> None:
    code, output = sambar("park", "apply", str(EXAMPLE), "--settings", settings, confirm="n\n")
    assert code == 1
    assert "new camera 'gate'" in output
    assert sambar("park", "show", "--settings", settings)[0] == 2  # nothing was applied: there is no park to show


def test_a_dry_run_changes_nothing(settings: str) -> None:
    sambar("park", "apply", str(EXAMPLE), "--settings", settings, "--dry-run")
    assert sambar("park", "show", "--settings", settings)[0] == 2


def test_applying_twice_changes_nothing_the_second_time(settings: str) -> None:
    assert sambar("park", "apply", str(EXAMPLE), "--settings", settings, "--yes")[0] == 0
    code, output = sambar("park", "apply", str(EXAMPLE), "--settings", settings)
    assert (code, "is already so" in output) == (0, True)


def test_show_writes_a_file_that_apply_takes_for_the_same(settings: str, tmp_path: Path) -> None:
    sambar("park", "apply", str(EXAMPLE), "--settings", settings, "--yes")
    shown = written(tmp_path, sambar("park", "show", "--settings", settings)[1])
    assert "is already so" in sambar("park", "apply", str(shown), "--settings", settings)[1]


def test_mistakes_end_the_command_with_all_of_them(settings: str, tmp_path: Path) -> None:
    path = written(tmp_path, '[park]\nname = "a b"\n')
    code, output = sambar("park", "apply", str(path), "--settings", settings)
    assert (code, "3 mistakes" in output) == (1, True)
