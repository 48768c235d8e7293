"""Where photos are kept: the same promises of a local folder and of S3."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from gateway import photos as photos_module
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


def test_a_local_photo_its_folder_and_the_new_folders_above_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    real = os.fsync

    def watched(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(photos_module.os, "fsync", watched)
    local = LocalPhotos(tmp_path / "photos")
    local.keep([Kept(PATH, b"image")])
    local.close()
    file = tmp_path / "photos" / PATH
    expected = [file, *(folder for folder in file.parents if folder.is_relative_to(tmp_path / "photos"))]
    assert synced == expected


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
