"""The pages as the server makes them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.store import tables
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene, drawn

MINUTE = timedelta(minutes=1)


def words(html: str) -> str:
    """The page as it reads, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style|head).*?</\1>", " ", html)).split())


def test_the_timeline_says_what_where_when_how_sure_and_who_was_told(site: Site, scene: Scene):
    image, detections = drawn(2)
    number = scene.incursion("north-1", NOW - 4 * MINUTE, {"person": 2}, photo=image, detections=detections)
    scene.tell(number, "somchai", NOW - 3 * MINUTE, delivered_at=NOW - 2 * MINUTE)
    html = site.client("duty").get("/").text
    said = words(html)
    assert "03:37 4 min ago 2 people 90 % sure North gate Khlong E-Thao camera north-1 incursion 1" in said
    assert "Somchai P. phone page" in said
    assert html.count('<rect class="under"') == 2
    assert "Told 1: 1 delivered" in words(html)


def test_what_telegram_cannot_say_is_shown_as_unknown(site: Site, scene: Scene):
    number = scene.incursion("north-1", NOW, {"person": 1})
    scene.tell(number, "somchai", NOW, channel="telegram")
    said = words(site.client("duty").get("/").text)
    assert "Told 1: 1 accepted" in said
    assert "delivered unknown seen not yet" in said


def test_the_newest_to_become_known_comes_first_though_it_happened_long_ago(site: Site, scene: Scene):
    scene.incursion("north-1", NOW - MINUTE, {"person": 1})
    scene.incursion("north-1", NOW - timedelta(hours=9), {"person": 4}, late=timedelta(hours=9))
    html = site.client("duty").get("/").text
    assert html.index("4 people") < html.index("1 person")
    assert "late: heard of at 03:41, 9 h after" in words(html)
    assert "Tue 4 Mar 18:41" in words(html)


def test_incursions_are_grouped_by_the_parks_days(site: Site, scene: Scene):
    scene.incursion("north-1", NOW - timedelta(hours=4), {"person": 2})
    scene.incursion("north-1", NOW, {"person": 1})
    assert re.findall(r"<h2>(\w+)<small>", site.client("duty").get("/").text) == ["Today", "Yesterday"]


def test_more_incursions_than_a_page_holds_are_reached_by_a_link(site: Site, scene: Scene):
    for minute in range(31):
        scene.incursion("north-1", NOW - (31 - minute) * MINUTE, {"person": 1})
    client = site.client("duty")
    first = client.get("/").text
    assert re.findall(r'id="incursion-(\d+)"', first) == [str(number) for number in range(31, 1, -1)]
    older = client.get(re.findall(r'href="(/\?before=\d+)"', first)[0]).text
    assert re.findall(r'id="incursion-(\d+)"', older) == ["1"]


def test_a_place_name_is_text_and_never_markup(site: Site, scene: Scene):
    scene.camera("sly-1", "<script>alert(1)</script>", heard_at=NOW)
    scene.incursion("sly-1", NOW, {"person": 1})
    html = site.client("duty").get("/").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_an_incursion_shows_its_sightings_with_the_reasons_of_their_grouping(site: Site, scene: Scene):
    scene.camera("north-2", "สันเขาฝั่งตะวันออก")
    image, detections = drawn(1)
    number = scene.incursion("north-2", NOW - 9 * MINUTE, {"person": 1}, photo=image, detections=detections)
    scene.sighting("north-1", NOW - MINUTE, {"person": 1}, number, because="reached from north-2 in 8 min")
    scene.tell(number, "somchai", NOW - 9 * MINUTE + timedelta(seconds=1), seen_at=NOW - 5 * MINUTE)
    said = words(site.client("duty").get(f"/incursions/{number}").text)
    assert "สันเขาฝั่งตะวันออก → North gate" in said
    assert "Why in this incursion: reached from north-2 in 8 min" in said
    assert "This sighting names no photo" in said
    steps = ["gated", "detected", "sent", "stored", "decided", "accepted"]
    assert re.findall(rf"\+ (\d+ ms) (?:{'|'.join(steps)})", said) == [
        "21 ms",
        "191 ms",
        "48 ms",
        "380 ms",
        "360 ms",
        "90 ms",
    ]
    assert "4 min from shutter to seen" in said


def test_a_photo_that_is_only_named_is_on_its_way_and_after_long_it_has_not_come(site: Site, scene: Scene):
    _, detections = drawn(1)
    scene.incursion("north-1", NOW, {"person": 1}, detections=detections)
    client = site.client("duty")
    assert "The photo is on its way" in words(client.get("/").text)
    site.clock.pass_by(timedelta(minutes=11))
    assert "No photo has come" in words(client.get("/").text)


def test_a_phone_shows_only_what_its_person_was_told_by_whatever_channel(site: Site, scene: Scene):
    for number_of_people, person, channel, accepted in [
        (1, "somchai", "web", True), (2, "malee", "web", True), (3, "somchai", "telegram", True),
        (4, "somchai", "web", False),
    ]:  # fmt: skip
        number = scene.incursion("north-1", NOW, {"person": number_of_people})
        scene.tell(number, person, NOW, channel=channel, accepted=accepted)
    said = words(site.client("somchai").get("/phone").text)
    assert re.findall(r"(\d) persons?", said) == ["3", "1"]


def test_a_silent_camera_is_called_silent(site: Site):
    client = site.client("duty")
    assert "1 watching" in words(client.get("/").text)
    site.clock.pass_by(timedelta(minutes=6))
    assert "silent: it promised to be heard by 03:46" in words(client.get("/cameras").text)


@pytest.mark.parametrize("path", ["/timeline", "/cameras", "/incursions/1/piece", "/phone/alerts"])
def test_what_a_page_has_already_does_not_come_again_though_time_passes(site: Site, scene: Scene, path: str):
    number = scene.incursion("north-1", NOW, {"person": 1})
    scene.tell(number, "duty", NOW)
    client = site.client("duty")
    first = client.get(path)
    site.clock.pass_by(timedelta(seconds=50))
    again = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    scene.incursion("north-1", NOW, {"person": 1})
    scene.camera("other-1", "Other")
    with scene.store.writing() as session:
        session.get_one(tables.Incursion, ("thap-lan", 1)).counts = {"person": 2}
    assert client.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 200


def test_a_photo_whose_file_is_gone_is_not_here(site: Site, scene: Scene, tmp_path: Path):
    image, detections = drawn(1)
    scene.incursion("north-1", NOW, {"person": 1}, photo=image, detections=detections)
    for file in (tmp_path / "photos").rglob("*.webp"):
        file.unlink()
    client = site.client("duty")
    (address,) = re.findall(r'src="(/photos/[^"]+)"', client.get("/").text)
    assert client.get(address).status_code == 404


def test_the_phone_page_can_be_installed(site: Site):
    client = site.client()
    manifest = client.get("/phone.webmanifest").json()
    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == ("standalone", "/phone", "/phone")
    for icon in manifest["icons"]:
        assert client.get(icon["src"]).headers["content-type"] == "image/png"


def test_everything_that_the_phone_keeps_for_later_is_there(site: Site):
    client = site.client()
    files = re.findall(r'"(/[^"]+)"', re.findall(r"FILES = (\[.*\])", client.get("/phone-worker.js").text)[0])
    assert len(files) >= 6
    assert {client.get(file).status_code for file in files} == {200}


def test_a_page_without_script_still_takes_a_seen(site: Site, scene: Scene):
    number = scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW)
    answer = site.client("somchai").post("/phone/seen", data={"number": str(number)}, follow_redirects=True)
    assert "Seen by you at 03:41" in words(answer.text)
    assert scene.delivery(number).delivered_at == NOW


def test_the_first_view_is_light(site: Site, scene: Scene):
    for _ in range(30):
        scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW)
    client = site.client("duty")
    page = client.get("/")
    sizes = [page.num_bytes_downloaded]
    sizes += [
        client.get(each).num_bytes_downloaded for each in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    ]
    assert sum(sizes) < 60_000
