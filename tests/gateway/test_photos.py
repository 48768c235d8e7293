"""Where photos are kept: the same promises of a local folder and of S3."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from gateway import durable
from gateway.photos import Kept, LocalPhotos, Photos, PhotoTrouble, S3Access, open_photos, path_for

PATH = path_for("khao-yai", "gate", "2026-02-01", b"image", "webp")


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["local", "s3"])
def photos(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Photos]:
    if request.param == "local":
        opened = open_photos(str(tmp_path / "photos"))
    else:
        address = request.getfixturevalue("s3_address")
        httpx.put(f"{address}/sambar-photos").raise_for_status()
        opened = open_photos("s3://sambar-photos/previews", S3Access(address, "us-east-1", "test", "test"))
    yield opened
    opened.close()


def test_a_photo_that_was_kept_is_read_back(photos: Photos) -> None:
    photos.keep([Kept(PATH, b"image"), Kept("khao-yai/ridge/2026-02-01/b.webp", b"another")])
    assert (photos.read(PATH), photos.read("khao-yai/ridge/2026-02-01/b.webp")) == (b"image", b"another")


def test_a_photo_may_be_kept_twice(photos: Photos) -> None:
    photos.keep([Kept(PATH, b"image")])
    photos.keep([Kept(PATH, b"image")])
    assert photos.read(PATH) == b"image"


def test_a_photo_that_is_not_there_is_said_to_be_missing(photos: Photos) -> None:
    with pytest.raises(FileNotFoundError):
        photos.read("khao-yai/gate/2026-02-01/none.webp")


def test_a_path_names_the_content() -> None:
    assert path_for("p", "c", "d", b"one", "webp") != path_for("p", "c", "d", b"two", "webp")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was synced, in order; the real thing happens too."""
    found: list[Path] = []
    real_file, real_file_system = os.fsync, durable.sync_file_system

    def file(handle: int) -> None:
        found.append(Path(f"/proc/self/fd/{handle}").readlink())
        real_file(handle)

    def file_system(folder: Path) -> None:
        found.append(folder)
        real_file_system(folder)

    monkeypatch.setattr(durable.os, "fsync", file)
    monkeypatch.setattr(durable, "sync_file_system", file_system)
    return found


def test_a_local_photo_its_folder_and_the_folders_above_are_synced(tmp_path: Path, synced: list[Path]) -> None:
    root = tmp_path / "photos"
    LocalPhotos(root).keep([Kept(PATH, b"image")])
    file = root / PATH
    assert synced == [file, *(folder for folder in file.parents if folder.is_relative_to(root))]


@pytest.mark.skipif(not durable.whole_file_system_can_be_synced(), reason="needs Linux 5.8")
def test_many_local_photos_are_synced_with_their_file_system(tmp_path: Path, synced: list[Path]) -> None:
    root = tmp_path / "photos"
    LocalPhotos(root).keep([Kept(f"park/gate/day/{number}.webp", b"image") for number in range(10)])
    assert synced == [root]


def test_without_that_call_each_photo_is_synced(
    tmp_path: Path, synced: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable.platform, "release", lambda: "5.4.0-generic")
    root = tmp_path / "photos"
    LocalPhotos(root).keep([Kept(f"park/gate/day/{number}.webp", b"image") for number in range(10)])
    assert {path.name for path in synced} >= {f"{number}.webp" for number in range(10)}


def test_a_file_system_that_fails_to_sync_is_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> None:
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(durable, "sync_file_system", fail)
    monkeypatch.setattr(durable, "MANY", 1)
    with pytest.raises(PhotoTrouble, match="No space left on device"):
        LocalPhotos(tmp_path / "photos").keep([Kept(PATH, b"image")])


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PhotoTrouble, match="file/photos cannot be made"):
        open_photos(str(tmp_path / "file" / "photos"))


def test_a_place_of_another_kind_is_refused() -> None:
    with pytest.raises(PhotoTrouble, match="expected a folder's path or s3://BUCKET/PREFIX"):
        open_photos("ftp://server/photos")


def test_an_s3_service_that_is_not_there_is_trouble_and_not_silence() -> None:
    gone = open_photos("s3://sambar-photos", S3Access("http://127.0.0.1:1", "us-east-1", "test", "test"))
    with pytest.raises(PhotoTrouble, match="does not take a photo"):
        gone.keep([Kept(PATH, b"image")])
    gone.close()
