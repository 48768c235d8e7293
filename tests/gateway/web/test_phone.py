"""Answering by touch on the ranger's phone, in a real browser."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from alerts.delivery import Answer
from gateway.store import tables
from gateway.store.answering import answer
from gateway.web.phone_words import Own
from gateway.web.settings import WebSettings
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene
from tests.gateway.web.test_browser import PHONE, Browsing
from tests.gateway.web.test_values import BANGKOK


@pytest.fixture
def browsing(profile: BrowserContext, site: Site) -> Browsing:
    return Browsing(profile, site)


@pytest.fixture
def site(scene: Scene) -> Iterator[Site]:
    made = Site(scene, WebSettings(poll=timedelta(milliseconds=50)))
    yield made
    made.clients.close()
    made.stop()


@pytest.fixture
def elsewhere(browser: Browser, site: Site) -> Iterator[Browsing]:
    """A second phone."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    yield Browsing(context, site)
    context.close()


@pytest.fixture
def told(scene: Scene) -> int:
    """An incursion that the three know of."""
    number = scene.incursion("north-1", NOW - timedelta(minutes=1), {"person": 2})
    for person in ("somchai", "malee", "duty"):
        scene.tell(number, person, NOW)
    return number


def says(scene: Scene, incursion: int, person: str, said: Answer) -> None:
    assert answer(scene.store, "thap-lan", incursion, person, said, now=NOW, channel="web").taken


def kept(scene: Scene) -> list[tuple[str, str]]:
    with scene.store.reading() as session:
        rows = session.scalars(select(tables.Answer).order_by(tables.Answer.number))
        return [(row.person, row.answer) for row in rows]


def phone_of(browsing: Browsing, site: Site, person: str) -> Page:
    page = browsing.open(person, **PHONE)
    if person == "duty":
        page.goto(f"{site.url}/phone")
        expect(page.locator("#live")).to_have_text("live")
    return page


def press(page: Page, said: Answer) -> None:
    page.locator(f"button[value={said}]:enabled").click()


def test_ready_and_approved_by_touch_reach_the_other_phone_at_once(
    browsing: Browsing, elsewhere: Browsing, site: Site, scene: Scene, told: int
):
    says(scene, told, "malee", Answer.READY)
    ranger, officer = phone_of(browsing, site, "somchai"), phone_of(elsewhere, site, "duty")
    press(ranger, Answer.READY)
    expect(officer.locator(".alarm .called")).to_have_text("APPROVAL WANTED")
    expect(officer.locator(".progress")).to_contain_text("Malee S., Somchai P.")
    officer.wait_for_timeout(900)  # a button that has just come takes no tap
    press(officer, Answer.APPROVE)
    expect(ranger.locator(".alarm .called")).to_have_text("APPROVED")
    expect(ranger.locator("button.main")).to_have_text("On the way")
    assert kept(scene) == [("malee", "ready"), ("somchai", "ready"), ("duty", "approve")]
    assert browsing.complaints + elsewhere.complaints == []


def test_two_officers_at_once_are_one_approval_and_the_other_is_told(profile: BrowserContext, scene: Scene, told: int):
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    slow = Site(scene, WebSettings(poll=timedelta(minutes=1)))  # the other's word is not on the page yet
    try:
        officer = phone_of(Browsing(profile, slow), slow, "duty")
        says(scene, told, "duty", Answer.APPROVE)
        press(officer, Answer.APPROVE)
        expect(officer.locator(".reply[data-refused]")).to_have_text("Somebody was quicker: Approve.")
    finally:
        slow.clients.close()
        slow.stop()
    assert kept(scene).count(("duty", "approve")) == 1


def test_answers_wait_on_the_phone_while_it_is_cut_off_and_go_in_their_order(
    browsing: Browsing, site: Site, scene: Scene, told: int
):
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    says(scene, told, "duty", Answer.APPROVE)
    phone = phone_of(browsing, site, "somchai")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.reload()
    expect(phone.locator("#live")).to_have_text("live")
    site.stop()
    expect(phone.locator("#live")).to_contain_text("not connected since")
    phone.locator(".note summary").click()
    phone.locator("textarea").fill("two bikes")
    press(phone, Answer.ON_THE_WAY)
    expect(phone.locator("button[value=on-the-way]")).to_have_text("On the way: goes when connected")
    phone.reload()
    expect(phone.locator("button[value=on-the-way]")).to_have_text("On the way: goes when connected")
    press(phone, Answer.CHECK_IN)
    site.start()
    expect(phone.locator(".stage")).to_contain_text("Somchai P.")
    assert kept(scene)[3:] == [("somchai", "on-the-way"), ("somchai", "check-in")]
    with scene.store.reading() as session:
        assert session.get_one(tables.Answer, 4).note == "two bikes"


def test_i_am_well_from_long_ago_does_not_go_out_as_if_said_now(
    browsing: Browsing, site: Site, scene: Scene, told: int
):
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    says(scene, told, "duty", Answer.APPROVE)
    phone = phone_of(browsing, site, "somchai")
    phone.evaluate(
        """number => localStorage.setItem('sambar-answers', JSON.stringify([
            {number, answer: 'check-in', note: '', at: Date.now() - 10 * 60 * 1000},
            {number, answer: 'on-the-way', note: '', at: Date.now() - 10 * 60 * 1000}]))""",
        phone.locator(".alert").get_attribute("data-delivery"),
    )
    phone.reload()
    expect(phone.locator(".stage")).to_contain_text("Somchai P.")
    assert kept(scene)[3:] == [("somchai", "on-the-way")]
    with scene.store.reading() as session:
        assert "said at 03:31" in session.get_one(tables.Answer, 4).note


def test_a_call_for_help_wants_a_second_tap_that_is_not_a_double_one(
    browsing: Browsing, site: Site, scene: Scene, told: int
):
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    says(scene, told, "duty", Answer.APPROVE)
    phone = phone_of(browsing, site, "somchai")
    button = phone.locator("button.help")
    button.dblclick()
    expect(button).to_have_text("Need helpAre you sure?")
    assert ("somchai", "help") not in kept(scene)
    phone.wait_for_timeout(500)  # longer than a double tap takes
    button.click()
    expect(phone.locator(".help-called")).to_contain_text("Everybody who can help is told")
    assert kept(scene).count(("somchai", "help")) == 1
    assert browsing.complaints == []


@pytest.mark.usefixtures("told")
def test_a_double_tap_is_one_answer(browsing: Browsing, site: Site, scene: Scene):
    phone = phone_of(browsing, site, "somchai")
    phone.locator("button[value=ready]").dblclick()
    expect(phone.locator(".own-word")).to_contain_text("1 of 2 ready")
    assert kept(scene) == [("somchai", "ready")]


def test_a_note_half_written_survives_the_news(browsing: Browsing, site: Site, scene: Scene, told: int):
    phone = phone_of(browsing, site, "somchai")
    phone.locator(".note summary").click()
    phone.locator("textarea").fill("two bik")
    says(scene, told, "malee", Answer.READY)
    expect(phone.locator(".progress")).to_contain_text("Malee S.")
    expect(phone.locator("textarea")).to_have_value("two bik")


def calls(page: Page) -> None:
    page.evaluate("() => { window.calls = 0; navigator.vibrate = () => ++window.calls; }")


def test_a_quiet_alert_does_not_ring(browsing: Browsing, site: Site, scene: Scene):
    phone = phone_of(browsing, site, "somchai")
    calls(phone)
    scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW, quiet=True)
    expect(phone.locator(".alert")).to_have_count(1)
    assert phone.evaluate("window.calls") == 0
    scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW)
    expect(phone.locator(".alert")).to_have_count(2)
    assert phone.evaluate("window.calls") == 1


def test_an_alarm_on_an_alert_that_is_there_already_rings_again(
    browsing: Browsing, site: Site, scene: Scene, told: int
):
    officer = phone_of(browsing, site, "duty")
    calls(officer)
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    expect(officer.locator(".alarm")).to_be_visible()
    assert officer.evaluate("window.calls") == 1


def test_a_party_in_place_is_dark_and_silent_whatever_comes(browsing: Browsing, site: Site, scene: Scene, told: int):
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    says(scene, told, "duty", Answer.APPROVE)
    says(scene, told, "malee", Answer.IN_PLACE)
    phone = phone_of(browsing, site, "somchai")
    calls(phone)
    expect(phone.locator("body")).to_have_css("background-color", "rgb(0, 0, 0)")
    expect(phone.locator("#sound")).to_be_hidden()
    scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW)
    expect(phone.locator(".alert")).to_have_count(2)
    assert phone.evaluate("window.calls") == 0


@pytest.mark.parametrize(
    ("language", "live", "ago", "lost"),
    [
        ("th", "เชื่อมต่ออยู่", "ที่แล้ว", "ไม่ได้เชื่อมต่อตั้งแต่"),
        ("km", "កំពុងភ្ជាប់ផ្ទាល់", "មុន", "មិនបានភ្ជាប់"),
    ],
)
def test_at_390_pixels_the_page_fits_and_keeps_its_language(  # noqa: PLR0917 - a table
    browsing: Browsing, site: Site, scene: Scene, told: int, language: str, live: str, ago: str, lost: str
):  # fmt: skip
    with scene.store.writing() as session:
        for person in session.scalars(select(tables.Person)):
            person.language = language
    for person in ("somchai", "malee"):
        says(scene, told, person, Answer.READY)
    phone = browsing.open("somchai", **PHONE)
    expect(phone.locator("#live")).to_have_text(live)
    expect(phone.locator(".ago")).to_contain_text(ago)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    clipped = phone.evaluate(
        "[...document.querySelectorAll('button')].filter((each) => each.scrollWidth > each.clientWidth + 1).length"
    )
    assert clipped == 0
    site.stop()
    expect(phone.locator("#live")).to_contain_text(lost)
    expect(phone.locator("#live")).to_have_text(re.compile(r"not connected since 03:4\d \(\d+ s\)"))


@pytest.mark.usefixtures("told")
def test_every_button_is_large_enough_for_a_thumb(browsing: Browsing, site: Site):
    phone = phone_of(browsing, site, "somchai")
    heights = phone.locator(".alert button").evaluate_all(
        "all => all.map((each) => each.getBoundingClientRect().height)"
    )
    assert len(heights) == 4
    assert min(heights) >= 52


def test_the_phone_counts_distances_as_the_server_says_them_in_its_language(browsing: Browsing, scene: Scene):
    with scene.store.writing() as session:
        session.get_one(tables.Person, ("thap-lan", "somchai")).language = "vi"
    phone = browsing.open("somchai", **PHONE)
    seconds = [0, 59, 60, 3599, 3600, 7800, 86_399, 86_400, 200_000]
    said = phone.evaluate(
        """async (seconds) => {
            const source = document.querySelector('script[type=module]').src.replace('phone.js', 'ago.js');
            const { distance } = await import(source);
            return seconds.map((each) => distance(each * 1000));
        }""",
        seconds,
    )
    own = Own("vi", BANGKOK, NOW)
    assert said == [own.length(timedelta(seconds=each)) for each in seconds]
