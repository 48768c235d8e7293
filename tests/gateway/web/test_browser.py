"""The pages in a real browser: live, in place, honest about the connection, and quiet on the console."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from gateway.store import tables
from gateway.web import words
from gateway.web.settings import WebSettings
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene, drawn

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def site(scene: Scene) -> Iterator[Site]:
    made = Site(scene, WebSettings(poll=timedelta(milliseconds=50)))
    yield made
    made.clients.close()
    made.stop()


class Browsing:
    """Pages whose every complaint is kept."""

    def __init__(self, profile: BrowserContext, site: Site) -> None:
        self._profile = profile
        self._site = site
        self.complaints: list[str] = []

    def open(self, person: str, width: int = 1440, height: int = 900) -> Page:
        page = self._profile.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda wrong: self.complaints.append(str(wrong)))
        page.goto(self._site.link(person))
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        return page


@pytest.fixture
def browsing(profile: BrowserContext, site: Site) -> Browsing:
    return Browsing(profile, site)


def an_alert(scene: Scene, people: int = 1) -> tuple[int, tuple[int, str], bytes]:
    """Told to Somchai; the photo is named and has not come. (incursion, what names its photo, the photo)."""
    image, detections = drawn(people, seed=people)
    number = scene.incursion("north-1", NOW, {"person": people}, detections=detections, closed=False)
    scene.tell(number, "somchai", NOW)
    with scene.store.reading() as session:
        row = session.get_one(tables.Sighting, ("thap-lan", "north-1", 1, scene.sequence))
        return number, (row.sequence, row.photos[0]["original"]), image


def test_a_new_incursion_appears_on_both_pages_without_a_reload(browsing: Browsing, scene: Scene):
    desk, phone = browsing.open("duty"), browsing.open("somchai", **PHONE)
    for page in (desk, phone):
        page.evaluate("window.sameDocument = true")
    an_alert(scene, people=3)
    expect(desk.locator(".card h3")).to_contain_text("3 people")
    expect(phone.locator(".alert h2")).to_contain_text("3 persons")
    assert [page.evaluate("window.sameDocument") for page in (desk, phone)] == [True, True]
    assert browsing.complaints == []


def test_a_photo_that_comes_later_joins_the_same_card_and_moves_nothing(browsing: Browsing, scene: Scene):
    desk, phone = browsing.open("duty"), browsing.open("somchai", **PHONE)
    _, named, image = an_alert(scene)
    for page, card in ((desk, ".card"), (phone, ".alert")):
        expect(page.locator(".no-photo")).to_be_visible()
        page.evaluate("card => window.kept = document.querySelector(card)", card)
    before = [desk.locator(".card").bounding_box(), phone.locator(".alert").bounding_box()]
    scene.photo_comes("north-1", named, image, NOW)
    for page in (desk, phone):
        expect(page.locator(".shot img")).to_have_js_property("complete", value=True)
        assert page.locator(".shot img").evaluate("image => image.naturalWidth") == 640
        expect(page.locator(".boxes rect.under")).to_have_count(1)
        assert page.evaluate("window.kept.isConnected && window.kept.querySelector('img') !== null")
    assert [desk.locator(".card").bounding_box(), phone.locator(".alert").bounding_box()] == before
    assert browsing.complaints == []


def test_the_box_lies_where_the_person_is(browsing: Browsing, scene: Scene):
    image, detections = drawn(1)
    scene.incursion("north-1", NOW, {"person": 1}, photo=image, detections=detections)
    desk = browsing.open("duty")
    photo, box = desk.locator(".shot").bounding_box(), desk.locator(".boxes rect.under").bounding_box()
    assert photo is not None
    assert box is not None
    (said,) = detections
    stroke = 5
    assert (box["x"] - photo["x"]) / photo["width"] == pytest.approx(said["x"], abs=stroke / photo["width"])
    assert (box["y"] - photo["y"]) / photo["height"] == pytest.approx(said["y"], abs=stroke / photo["height"])
    assert box["height"] / photo["height"] == pytest.approx(said["height"], abs=2 * stroke / photo["height"])


def test_seen_on_the_phone_shows_at_the_operations_centre_at_once(browsing: Browsing, scene: Scene):
    desk, phone = browsing.open("duty"), browsing.open("somchai", **PHONE)
    an_alert(scene)
    expect(desk.locator(".told summary")).to_have_text("Told 1: 1 delivered")
    assert scene.delivery(1).seen_at is None
    press_until_seen(phone)
    expect(phone.locator(".was-seen")).to_contain_text("Seen by you")
    expect(desk.locator(".told summary")).to_have_text("Told 1: 1 seen")
    assert browsing.complaints == []


def press_until_seen(phone: Page) -> None:
    """A tap within the first moment of a new alert is not taken, so a person taps again."""
    phone.wait_for_function(
        """() => { document.querySelector('button[value=seen]:not(:disabled)')?.click();
                   return document.querySelector('.was-seen'); }"""
    )


def test_an_alert_in_a_hidden_page_is_not_called_delivered(browsing: Browsing, scene: Scene):
    phone = browsing.open("somchai", **PHONE)
    phone.evaluate("Object.defineProperty(document, 'visibilityState', {get: () => 'hidden', configurable: true})")
    an_alert(scene)
    expect(phone.locator(".alert")).to_be_visible()
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert scene.delivery(1).delivered_at is None
    phone.evaluate("delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))")
    expect(phone.locator("[data-undelivered]")).to_have_count(0)
    assert scene.delivery(1).delivered_at is not None


def test_a_tap_meant_for_the_alert_before_does_not_mark_the_new_one(browsing: Browsing, scene: Scene):
    phone = browsing.open("somchai", **PHONE)
    an_alert(scene)
    # The tap falls in the same moment in which the alert comes up.
    phone.wait_for_function("() => { const b = document.querySelector('button[value=seen]'); b?.click(); return b; }")
    expect(phone.get_by_role("button", name="Seen", exact=True)).to_be_enabled()
    assert scene.delivery(1).seen_at is None


def test_a_phone_says_that_it_is_cut_off_and_recovers_by_itself(browsing: Browsing, site: Site, scene: Scene):
    phone = browsing.open("somchai", **PHONE)
    site.stop()
    expect(phone.locator("#live")).to_have_text(re.compile(r"not connected since 03:4\d \(\d+ s\)"))
    an_alert(scene, people=2)
    site.start()
    expect(phone.locator("#live")).to_have_text("live")
    expect(phone.locator(".alert h2")).to_have_text("2 persons")


def test_a_phone_without_the_server_opens_with_what_was_last_heard(browsing: Browsing, site: Site, scene: Scene):
    phone = browsing.open("somchai", **PHONE)
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.reload()
    expect(phone.locator("#live")).to_have_text("live")
    _, named, image = an_alert(scene, people=2)
    scene.photo_comes("north-1", named, image, NOW)
    expect(phone.locator(".shot img")).to_have_js_property("complete", value=True)
    site.stop()
    phone.reload()
    expect(phone.locator("#live")).to_have_text(re.compile("not connected since 03:4"))
    expect(phone.locator(".alert h2")).to_have_text("2 persons")
    assert phone.locator(".shot img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 640


def test_a_seen_without_a_connection_waits_and_goes_with_the_next_one(browsing: Browsing, site: Site, scene: Scene):
    phone = browsing.open("somchai", **PHONE)
    an_alert(scene)
    expect(phone.locator("[data-delivery]:not([data-undelivered])")).to_have_count(1)
    site.stop()
    expect(phone.locator("#live")).to_contain_text("not connected")
    phone.get_by_role("button").filter(has_text="Seen").click()
    phone.wait_for_function("""() => { const b = document.querySelector('button[value=seen]');
        if (!b.disabled) b.click(); return b.textContent === 'Seen: goes when connected'; }""")
    site.start()
    expect(phone.locator(".was-seen")).to_be_visible()
    assert scene.delivery(1).seen_at is not None


def test_what_a_hand_is_at_does_not_move_when_something_new_comes(browsing: Browsing, scene: Scene):
    for minute in range(5):
        scene.incursion("north-1", NOW - timedelta(minutes=9 - minute), {"person": 1})
    desk = browsing.open("duty")
    held = desk.locator("#incursion-5 h3 a")
    held.hover()
    desk.mouse.move(*centre(held))
    before = held.bounding_box()
    scene.incursion("north-1", NOW, {"person": 2})
    expect(desk.locator("#incursion-6")).to_be_attached()
    assert held.bounding_box() == before
    expect(desk.locator("#new-above")).to_have_text("1 new incursion above")
    expect(desk).to_have_title(re.compile(r"^\(1\) Sambar"))
    desk.locator("#new-above").click()
    expect(desk.locator("#incursion-6 h3 a")).to_be_focused()
    expect(desk.locator("#incursion-6")).to_be_in_viewport()
    expect(desk.locator("#new-above")).to_be_hidden()


def centre(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_list_that_a_person_opened_stays_open_through_news(browsing: Browsing, scene: Scene):
    number = scene.incursion("north-1", NOW, {"person": 1})
    for channel in ("web", "telegram", "line", "sms"):
        scene.tell(number, "somchai", NOW, channel=channel)
    desk = browsing.open("duty")
    desk.locator(".told summary").click()
    scene.tell(number, "malee", NOW)
    expect(desk.locator(".told li[id]")).to_have_count(5)
    expect(desk.locator(".told li[id]").first).to_be_visible()


def test_the_cards_are_walked_by_keyboard(browsing: Browsing, scene: Scene):
    for _ in range(3):
        scene.incursion("north-1", NOW, {"person": 1})
    desk = browsing.open("duty")
    for key in "jjk":
        desk.keyboard.press(key)
    expect(desk.locator("#incursion-3 h3 a")).to_be_focused()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/incursions/3")


def test_boxes_can_be_switched_off_by_keyboard(browsing: Browsing, site: Site, scene: Scene):
    image, detections = drawn(1)
    number = scene.incursion("north-1", NOW, {"person": 1}, photo=image, detections=detections)
    desk = browsing.open("duty")
    desk.goto(f"{site.url}/incursions/{number}")
    expect(desk.locator(".boxes")).to_be_visible()
    desk.locator("#boxes").press("Space")
    expect(desk.locator(".boxes")).to_be_hidden()
    assert browsing.complaints == []


def test_distances_from_now_move_on_without_news(browsing: Browsing, scene: Scene):
    scene.incursion("north-1", NOW - timedelta(seconds=50), {"person": 1})
    desk = browsing.open("duty")
    expect(desk.locator(".card .ago")).to_have_text(re.compile("^5[123456789] s ago$"))


def test_the_browser_counts_distances_as_the_server_does(browsing: Browsing):
    desk = browsing.open("duty")
    seconds = [0, 59, 60, 3599, 3600, 7800, 86_399, 86_400, 200_000]
    said = desk.evaluate(
        """async (seconds) => {
            const source = document.querySelector('script[type=module]').src.replace('desk.js', 'ago.js');
            const { distance } = await import(source);
            return seconds.map((each) => distance(each * 1000));
        }""",
        seconds,
    )
    assert said == [words.distance(timedelta(seconds=each)) for each in seconds]


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(browsing: Browsing, site: Site, scene: Scene, width: int):
    scene.camera("north-2", "ห้วยขาแข้งสันเขาฝั่งตะวันออกใกล้ต้นยางนาใหญ่ริมลำธารสายเก่าก่อนถึงโป่งเทียม")
    scene.camera("x-1", "ភ្នំក្រវាញច្រកផ្លូវចាស់ជិតស្ទឹងអារ៉ែងក្រោមដើមឈើធំ", heard_at=NOW, promised_by=NOW - timedelta(1))
    image, detections = drawn(2)
    number = scene.incursion("north-2", NOW, {"person": 2, "motorcycle": 3}, photo=image, detections=detections)
    for person in ("somchai", "duty"):
        scene.tell(number, person, NOW, trouble="x" * 90)
    page = browsing.open("duty", width=width, height=800)
    for path in ("/", "/phone", f"/incursions/{number}"):
        page.goto(f"{site.url}{path}")
        expect(page.locator("#live")).to_have_text("live")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
