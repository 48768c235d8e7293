"""Who may see what, by which cookie, and nobody else's."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.routing import Route

from gateway.store import tables
from gateway.web.access import NoSuchPerson, make_link, shut_out
from gateway.web.settings import WebSettings
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene, drawn

PUBLIC = {
    "/enter/{token}", "/leave", "/phone.webmanifest", "/phone-worker.js", "/hooks/{channel}", "/p/{token}.jpg",
    "/health",
}  # fmt: skip
"""What needs no session. None of it reads a row of a park, but what is signed, and /health, which only counts."""


@pytest.fixture
def two_parks(scene: Scene) -> Scene:
    """Two parks with one incursion each, both number 1; the photo's address is in `scene.photo`."""
    image, detections = drawn(1)
    scene.park("phnom", "Phnom Samkos", "Asia/Phnom_Penh")
    scene.camera("north-1", "Secret spring", "phnom", heard_at=NOW)
    number = scene.incursion("north-1", NOW, {"person": 3}, "phnom", photo=image, detections=detections)
    scene.tell(number, "malee", NOW, "phnom")
    return scene


def photo_address(scene: Scene, park: str = "thap-lan") -> str:
    with scene.store.reading() as session:
        row = session.scalars(select(tables.Photo).where(tables.Photo.park == park)).one()
        return f"/photos/{row.camera}/{row.original}"


def test_a_link_is_exchanged_for_a_cookie_that_scripts_and_foreign_pages_cannot_use(site: Site):
    answer = site.client().get(site.link("duty"))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_behind_https_the_cookie_is_bound_to_the_host_and_to_https(scene: Scene):
    site = Site(scene, WebSettings(public_url="https://park.example"))
    try:
        cookie = site.client().get(site.link("somchai")).headers["set-cookie"]
    finally:
        site.clients.close()
        site.stop()
    assert cookie.startswith("__Host-sambar-ranger=")
    assert "secure" in cookie.lower()


def test_a_ranger_is_led_to_the_phone_page(site: Site):
    assert site.client().get(site.link("somchai")).headers["location"] == "/phone"


def test_neither_a_link_nor_a_cookie_stands_in_the_database(site: Site, scene: Scene):
    token = site.link("duty").rpartition("/")[2]
    client = site.client("duty")
    (cookie,) = client.cookies.values()
    with scene.store.reading() as session:
        kept = [*session.scalars(select(tables.Link.token)), *session.scalars(select(tables.Session.cookie))]
    assert len(kept) == 3
    assert all(token.encode() not in each and cookie.encode() not in each and len(each) == 32 for each in kept)


def test_an_expired_link_opens_nothing_and_says_so(site: Site):
    link = site.link("duty")
    site.clock.pass_by(timedelta(days=1))
    answer = site.client().get(link)
    assert answer.status_code == 401
    assert "expired" in answer.text
    assert "set-cookie" not in answer.headers


def test_an_unknown_link_opens_nothing(site: Site):
    assert site.client().get("/enter/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").status_code == 401


def test_a_session_ends_when_its_time_is_over(site: Site):
    client = site.client("duty")
    site.clock.pass_by(site.settings.session_lifetime)
    assert client.get("/").status_code == 401


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(site: Site):
    client = site.client("duty")
    other = site.client()
    other.cookies.update(client.cookies)
    assert other.get("/").status_code == 200
    client.post("/leave")
    assert other.get("/").status_code == 401


def test_a_lost_phone_is_shut_out_with_its_links(site: Site, scene: Scene):
    client = site.client("somchai")
    link = site.link("somchai")
    shut_out(scene.store, "thap-lan", "somchai")
    assert client.get("/phone").status_code == 401
    assert client.get(link).status_code == 401


def test_a_person_who_left_the_park_is_nobody(site: Site, scene: Scene):
    client = site.client("malee")
    with scene.store.writing() as session:
        session.delete(session.get_one(tables.Person, ("thap-lan", "malee")))
    assert client.get("/phone").status_code == 401


def test_a_link_for_somebody_unknown_names_the_known(scene: Scene):
    with pytest.raises(NoSuchPerson, match=r"'nok'.*duty, malee, somchai"):
        make_link(scene.store, "thap-lan", "nok", timedelta(days=1), NOW)


@pytest.mark.parametrize("path", ["/", "/timeline", "/cameras", "/incursions/1", "/live/operations"])
def test_a_ranger_does_not_see_the_operations_centre(site: Site, path: str):
    answer = site.client("somchai").get(path)
    assert answer.status_code == 403
    assert "operations centre" in answer.text


def test_an_operator_may_open_the_phone_page(site: Site):
    assert site.client("duty").get("/phone").status_code == 200


def test_one_browser_can_be_a_screen_and_a_phone(site: Site):
    client = site.client("duty")
    client.get(site.link("somchai"))
    assert "Duty officer" in client.get("/").text
    assert "Somchai P." in client.get("/phone").text


def addresses(site: Site, photo: str) -> list[tuple[str, str, str]]:
    """(method, route, address) of every route that the application has, its parameters filled."""
    _, _, camera, original = photo.split("/")
    fill = {"number": "1", "camera": camera, "original": original, "token": "x", "channel": "line", "delivery": "1"}
    found: list[tuple[str, str, str]] = []

    def walk(routes: Any) -> None:
        for route in routes:
            if isinstance(route, Route):
                address = re.sub(r"\{(\w+)\}", lambda match: fill[match[1]], route.path)
                found.extend((method, route.path, address) for method in sorted((route.methods or set()) - {"HEAD"}))
            elif inner := getattr(getattr(route, "original_router", None), "routes", None):
                walk(inner)

    walk(site.routes)
    return found


def test_every_route_but_the_public_ones_wants_a_session(site: Site, two_parks: Scene):
    walked = addresses(site, photo_address(two_parks, "phnom"))
    assert len(walked) >= 15
    nobody = site.client()
    for method, route, address in walked:
        if route not in PUBLIC:
            answer = nobody.request(method, address, data={"number": "1"} if method == "POST" else None)
            assert answer.status_code == 401, address


def test_no_route_shows_anything_of_another_park(site: Site, two_parks: Scene):
    foreign = ["Secret spring", "Phnom Samkos", "3 people", photo_address(two_parks, "phnom")]
    for person in ("duty", "somchai"):
        client = site.client(person)
        for method, _, address in addresses(site, photo_address(two_parks, "phnom")):
            if method != "GET":
                continue
            with client.stream("GET", address) as answer:
                if answer.headers["content-type"].startswith("text/event-stream"):
                    continue
                text = answer.read().decode(errors="replace")
            assert not [words for words in foreign if words in text], address
            if "/photos/" in address or "/incursions/" in address:
                assert answer.status_code in {403, 404}, address


def test_a_foreign_parks_own_operator_sees_it(site: Site, two_parks: Scene):
    """Else the test above could not fail."""
    client = site.client("duty", "phnom")
    assert "Secret spring" in client.get("/").text
    assert "3 people" in client.get("/incursions/1").text
    assert client.get(photo_address(two_parks, "phnom")).headers["content-type"] == "image/webp"


@pytest.mark.parametrize("mark", ["delivered", "seen"])
@pytest.mark.parametrize("who", [("somchai", "phnom"), ("malee", "thap-lan"), ("duty", "phnom")])
def test_nobody_marks_the_alert_of_another_person(site: Site, two_parks: Scene, mark: str, who: tuple[str, str]):
    client = site.client(*who)
    client.post(f"/phone/{mark}", data={"number": "1"})
    row = two_parks.delivery(1)
    assert (row.delivered_at, row.seen_at) == (None, None)


def test_a_ranger_sees_the_photos_only_of_what_the_ranger_was_told(site: Site, scene: Scene):
    image, detections = drawn(1)
    number = scene.incursion("north-1", NOW, {"person": 1}, photo=image, detections=detections)
    scene.tell(number, "malee", NOW, channel="telegram")
    assert site.client("malee").get(photo_address(scene)).content == image
    assert site.client("somchai").get(photo_address(scene)).status_code == 404
    assert site.client("duty").get(photo_address(scene)).content == image


def test_a_photo_is_kept_by_the_browser_and_by_nobody_between(site: Site, scene: Scene):
    image, detections = drawn(1)
    scene.incursion("north-1", NOW, {"person": 1}, photo=image, detections=detections)
    kept = site.client("duty").get(photo_address(scene)).headers["cache-control"]
    assert "private" in kept
    assert "immutable" in kept


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        pytest.param({"origin": "https://elsewhere.example"}, False, id="another-origin"),
        pytest.param({"origin": ""}, False, id="none"),
        pytest.param({"sec-fetch-site": "cross-site"}, False, id="fetched-across-sites"),
        pytest.param({"sec-fetch-site": "same-site"}, False, id="a-neighbour"),
        pytest.param({"sec-fetch-site": "same-origin"}, True, id="our-own-page"),
    ],
)
def test_only_our_own_pages_may_change_anything(site: Site, scene: Scene, headers: dict[str, str], taken: bool):
    number = scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW)
    answer = site.client("somchai").post("/phone/seen", data={"number": str(number)}, headers=headers)
    assert (answer.status_code == 303) == taken
    assert (scene.delivery(number).seen_at is not None) == taken


@pytest.mark.parametrize("path", ["/", "/phone", "/enter/x", "/incursions/7", "/photos/north-1/x", "/phone-worker.js"])
def test_every_answer_keeps_the_page_to_itself(site: Site, path: str):
    headers = site.client("duty").get(path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_pages_with_rows_are_kept_nowhere(site: Site):
    assert site.client("duty").get("/").headers["cache-control"] == "no-store"


def test_what_is_not_understood_is_refused_in_words(site: Site):
    answer: httpx.Response = site.client("duty").get("/incursions/many")
    assert answer.status_code == 422
    assert "Not understood" in answer.text
