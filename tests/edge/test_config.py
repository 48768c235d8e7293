"""camera.toml: read once, every mistake told at once."""

import re
from pathlib import Path

import pytest

from edge.config import BadSettings, FolderSource, SceneSource, Section, Settings, VideoSource, WebcamSource, load
from wire.keys import SigningKey

EXAMPLE = Path("docs/camera.example.toml")
GOOD = f"""
[camera]
park = "p"
name = "c"
[source]
kind = "video"
path = "walk.avi"
[broker]
gateway_key = "{SigningKey.make().public}"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "camera.toml"
    path.write_text(text)
    return path


def test_the_example_loads() -> None:
    settings = load(EXAMPLE)
    assert settings.camera.name == "ridge-1"
    assert settings.broker.host == "broker.example.org"


def shown(section: str) -> dict[str, str]:
    """Setting → value, as the example shows them in a section, commented out or not."""
    text = EXAMPLE.read_text()
    part = re.split(rf"^(?:# )?\[{section}\]", text, flags=re.MULTILINE)[1].split("\n\n")[0]
    return {name: value.strip() for name, value in re.findall(r"^(?:# )?(\w+) = ([^#\n]+)", part, re.MULTILINE)}


@pytest.mark.parametrize("section", sorted(set(Settings.model_fields) - {"source"}))
def test_the_example_names_every_setting_with_its_default(section: str) -> None:
    found = getattr(load(EXAMPLE), section)
    assert isinstance(found, Section)
    examples, fields = shown(section), type(found).model_fields
    assert set(examples) == set(fields)
    for name, field in fields.items():
        if isinstance(field.default, int | float) or (isinstance(field.default, str) and section != "broker"):
            shows = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert examples[name].strip('"') == shows, f"{section}.{name}"


def test_the_canary_goes_at_noon_utc_as_the_example_shows() -> None:
    assert shown("canary")["at"] == f'"{Settings.model_fields["canary"].default.at:%H:%M}"'


def test_the_example_names_every_setting_of_every_source() -> None:
    names = {name for model in (VideoSource, WebcamSource, FolderSource, SceneSource) for name in model.model_fields}
    assert set(shown("source")) == names


def test_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD))
    assert settings.camera.key == tmp_path / "camera.key"
    assert settings.camera.state == tmp_path / "state"
    assert isinstance(settings.source, VideoSource)
    assert settings.source.path == str(tmp_path / "walk.avi")


def test_a_streams_address_is_left_as_it_is(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD.replace("walk.avi", "rtsp://cam/1")))
    assert isinstance(settings.source, VideoSource)
    assert settings.source.path == "rtsp://cam/1"


def test_a_folder_of_photos_can_be_the_source(tmp_path: Path) -> None:
    text = GOOD.replace('kind = "video"\npath = "walk.avi"', 'kind = "folder"\npath = "photos"')
    assert isinstance(load(written(tmp_path, text)).source, FolderSource)


def test_the_environment_stands_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMBAR_CAMERA_BROKER__HOST", "elsewhere")
    assert load(written(tmp_path, GOOD)).broker.host == "elsewhere"


def test_every_mistake_is_told_in_one_message(tmp_path: Path) -> None:
    text = (
        GOOD.replace('name = "c"', 'name = "a/b"').replace('path = "walk.avi"', 'path = "walk.avi"\nspeed = 3')
        + "port = 99999\n[votes]\nneeded = 5\n[sighting]\nphotos = 9\n[gat]\nwidth = 3\n"
    )
    with pytest.raises(BadSettings) as wrong:
        load(written(tmp_path, text))
    lines = str(wrong.value).splitlines()
    assert lines[0].endswith("camera.toml: 6 mistakes")
    told = "\n".join(lines[1:])
    assert "camera.name: 'a/b'; expected: name: 'a/b' is not a name" in told
    assert "source.speed: 3; there is no such setting" in told
    assert "broker.port: 99999; expected: Input should be less than or equal to 65535" in told
    assert "votes: " in told
    assert "votes: 5 of 4; expected 1 ≤ needed ≤ of" in told
    assert "sighting.photos: 9; expected: Input should be less than or equal to 8" in told
    assert "gat: {'width': 3}; there is no such setting" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("[camera]", "[camera"), "is not TOML"),
        (GOOD.replace('kind = "video"\n', ""), "source.kind: is missing; expected one of 'video'"),
        (GOOD.replace('kind = "video"', 'kind = "film"'), "source: "),
        (
            GOOD.replace('kind = "video"\npath = "walk.avi"', 'kind = "scene"\nscript = "yeti 5"'),
            "source.script: 'yeti 5'; expected: 'yeti 5': there is no figure 'yeti'",
        ),
        (
            GOOD + '[canary]\nat = "noon"',
            "canary.at: 'noon'; expected: a time of day in UTC, in quotes, such as \"12:00\"",
        ),
        (GOOD + "[canary]\nat = 43200", "canary.at: 43200; expected: a time of day in UTC"),
        (GOOD + '[canary]\nat = "12:00+07:00"', "canary.at: '12:00+07:00'; expected: a time of day in UTC"),
        (
            GOOD + '[detector]\nlabels = ["person", "canary"]',
            "expected: labels of the model; 'canary' is the daily test's own",
        ),
        (GOOD.replace("gateway_key", "#"), "broker.gateway_key: is missing"),
        (re.sub("ed25519:.*", 'ed25519:nonsense"', GOOD), "broker.gateway_key: 'ed25519:nonsense'; expected: public"),
        (GOOD + 'cert = "a.pem"\n', "cert and cert_key go together"),
    ],
    ids=[
        "not-toml", "no-kind", "unknown-kind", "bad-script", "canary-in-words", "canary-in-seconds", "canary-in-a-zone",
        "canary-as-a-label", "no-gateway-key", "bad-gateway-key", "cert-without-key",
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(told)):
        load(written(tmp_path, text))


def test_a_missing_file_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"camera\.toml: cannot be read"):
        load(tmp_path / "camera.toml")
