import gzip
import hashlib
import io
import re
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import models
from models.card import Card
from models.errors import FetchBroken, ModelError, WeightsAltered
from models.fetch import fetch

CONTENT = bytes(range(256)) * 2000


@dataclass
class Site:
    """What the server holds, how it behaves, and what it was asked."""

    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list[int])
    """The next answers break off after so many bytes."""
    ranges: bool = True
    status: int = 200
    asked: list[str] = field(default_factory=list[str])
    address: str = ""


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            site.asked.append(wanted)
            if site.status != 200:
                self.send_error(site.status)
                return
            asked = re.fullmatch(r"bytes=(\d+)-", wanted)
            first = int(asked.group(1)) if asked and site.ranges else 0
            if first and first >= len(site.content):
                self.send_error(416)
                return
            body = site.content[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: site.cuts.pop(0)] if site.cuts else body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    return Handler


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    site = Site()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(site)) as server:
        site.address = f"http://127.0.0.1:{server.server_port}/model.tflite"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="weights server")
        thread.start()
        yield site
        server.shutdown()
        thread.join(5)


def card_of(site: Site, content: bytes = CONTENT) -> Card:
    digest = hashlib.sha256(content).hexdigest()
    return replace(models.load("yolox_nano"), name="own", url=site.address, sha256=digest, size=len(content))


def test_weights_are_fetched_and_put_where_they_are_looked_for(site: Site) -> None:
    card = card_of(site)
    assert fetch(card) == models.weights(card)
    assert models.weights(card).read_bytes() == CONTENT


def test_what_is_here_is_not_fetched_again(site: Site) -> None:
    card = card_of(site)
    fetch(card)
    fetch(card)
    assert len(site.asked) == 1


def test_what_is_here_but_altered_is_fetched_again(site: Site) -> None:
    card = card_of(site)
    fetch(card).write_bytes(b"altered")
    assert fetch(card).read_bytes() == CONTENT


def test_a_cut_connection_is_taken_up_where_it_broke(site: Site) -> None:
    site.cuts = [100_000]
    assert fetch(card_of(site)).read_bytes() == CONTENT
    assert site.asked == ["", "bytes=100000-"]


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(site: Site) -> None:
    site.cuts = [100_000, 50_000]
    with pytest.raises(FetchBroken, match=r"150,000 bytes are here; fetch again to go on"):
        fetch(card_of(site), attempts=2)
    assert fetch(card_of(site)).read_bytes() == CONTENT
    assert site.asked[-1] == "bytes=150000-"


def test_nothing_is_in_place_until_all_of_it_is_here(site: Site) -> None:
    site.cuts = [100_000]
    card = card_of(site)
    with pytest.raises(FetchBroken):
        fetch(card, attempts=1)
    assert not models.place(card).exists()


def test_a_server_that_cannot_resume_sends_it_all_again(site: Site) -> None:
    site.cuts, site.ranges = [100_000], False
    assert fetch(card_of(site)).read_bytes() == CONTENT


def test_weights_with_another_hash_are_refused_and_not_kept(site: Site) -> None:
    card = card_of(site, b"what the card means")
    with pytest.raises(
        WeightsAltered, match=rf"has SHA-256 {hashlib.sha256(CONTENT).hexdigest()}; expected {card.sha256}"
    ):
        fetch(card)
    assert list(models.cache().iterdir()) == []


def test_a_remainder_of_something_else_does_not_stand_in_the_way_for_ever(site: Site) -> None:
    card = card_of(site)
    models.cache().mkdir(parents=True)
    models.place(card).with_suffix(".tflite.part").write_bytes(b"x" * (len(CONTENT) + 5))
    with pytest.raises(WeightsAltered):
        fetch(card)
    assert fetch(card).read_bytes() == CONTENT


def test_a_server_that_refuses_is_named_with_its_answer(site: Site) -> None:
    site.status = 404
    with pytest.raises(FetchBroken, match=r"model.tflite: the server answered 404 Not Found"):
        fetch(card_of(site))


def test_a_server_that_is_not_there_is_named(site: Site) -> None:
    with pytest.raises(FetchBroken, match="Connection refused"):
        fetch(replace(card_of(site), url="http://127.0.0.1:9/model.tflite"))


def test_a_card_without_an_address_says_so(site: Site) -> None:
    with pytest.raises(ModelError, match="no url"):
        fetch(replace(card_of(site), url=None, file="nowhere.tflite"))


def test_progress_tells_what_is_here_and_what_there_will_be(site: Site) -> None:
    told: list[tuple[int, int | None]] = []
    fetch(card_of(site), lambda here, total: told.append((here, total)))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [here for here, _ in told] == sorted(here for here, _ in told)


def tarball(member: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as files:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        files.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_a_part_of_a_file_in_a_tarball_is_taken_out(site: Site) -> None:
    site.content = tarball("package/assets.data", b"labels" + CONTENT + b"rest")
    card = replace(card_of(site), member="package/assets.data", part=(6, 6 + len(CONTENT)))
    assert fetch(card).read_bytes() == CONTENT
    assert [each.name for each in models.cache().iterdir()] == [models.place(card).name]


@pytest.mark.parametrize(
    "content",
    [
        tarball("package/other", CONTENT),
        b"no tarball",
        gzip.compress(b"no tar either"),
        tarball("package/assets.data", CONTENT)[:900],
    ],
    ids=["another member", "no gzip", "no tar", "half of it"],
)
def test_a_tarball_without_the_member_is_refused(site: Site, content: bytes) -> None:
    site.content = content
    with pytest.raises(WeightsAltered, match=r"no package/assets.data in what http"):
        fetch(replace(card_of(site), member="package/assets.data"))
