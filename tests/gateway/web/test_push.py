"""Notifications for the phone page: who is called by which browser, and what the browser's worker does with a call."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from alerts.channels.fake_push import FakePush
from alerts.channels.push import Pusher, Subscription
from alerts.channels.push_key import public_key, vapid_key
from alerts.channels.web import WebChannel
from alerts.channels.web_settings import WebSettings as ChannelSettings
from alerts.clock import DrivenClock
from gateway.store import tables
from gateway.store.ledger import StoreLedger
from gateway.store.subscriptions import MOST, StoreSubscriptions
from gateway.web.access import shut_out
from gateway.web.outside import Outside
from tests.fixtures.mosquitto import wait_until
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene

POINT = urlsafe_b64encode(b"\x04" + b"p" * 64).rstrip(b"=").decode()
AUTH = urlsafe_b64encode(b"a" * 16).rstrip(b"=").decode()
LEASE = timedelta(minutes=2)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "vapid.pem"


@pytest.fixture
def site(scene: Scene, key_file: Path) -> Iterator[Site]:
    made = Site(scene, outside=Outside(push_key=public_key(vapid_key(key_file))))
    yield made
    made.clients.close()
    made.stop()


def browser(name: str = "one") -> dict[str, str]:
    return {"endpoint": f"https://push.example/{name}", "p256dh": POINT, "auth": AUTH}


def endpoints(scene: Scene, person: str = "somchai") -> list[str]:
    of = tables.Subscription
    with scene.store.reading() as session:
        mine = select(of.endpoint).where(of.park == "thap-lan", of.person == person).order_by(of.made_at)
        return [endpoint.rpartition("/")[2] for endpoint in session.scalars(mine)]


def test_a_browser_learns_the_key_and_the_words_in_its_persons_language(
    site: Site, scene: Scene, key_file: Path
) -> None:
    with scene.store.writing() as session:
        session.get_one(tables.Person, ("thap-lan", "somchai")).language = "th"
    said = site.client("somchai").get("/phone/push/key").json()
    assert said["key"] == public_key(vapid_key(key_file))
    assert said["offer"] == "รับการแจ้งเตือนแม้ปิดหน้านี้ · Get alerts when this page is closed"


def test_without_a_key_there_is_nothing_to_subscribe_to(scene: Scene) -> None:
    site = Site(scene)
    try:
        client = site.client("somchai")
        assert client.get("/phone/push/key").json() == {"key": None}
        assert client.post("/phone/push", data=browser()).status_code == 404
    finally:
        site.clients.close()
        site.stop()


def test_a_browser_subscribes_and_takes_it_back(site: Site, scene: Scene) -> None:
    client = site.client("somchai")
    assert client.post("/phone/push", data=browser()).status_code == 204
    assert endpoints(scene) == ["one"]
    assert client.post("/phone/push/gone", data={"endpoint": browser()["endpoint"]}).status_code == 204
    assert endpoints(scene) == []


def test_nobody_takes_back_for_another(site: Site, scene: Scene) -> None:
    site.client("somchai").post("/phone/push", data=browser())
    site.client("malee").post("/phone/push/gone", data={"endpoint": browser()["endpoint"]})
    assert endpoints(scene) == ["one"]


def test_a_phone_that_another_person_uses_now_is_theirs(site: Site, scene: Scene) -> None:
    for person in ("somchai", "malee"):
        site.client(person).post("/phone/push", data=browser())
    assert (endpoints(scene), endpoints(scene, "malee")) == ([], ["one"])


def test_a_person_has_so_many_browsers_and_the_oldest_go(site: Site, scene: Scene) -> None:
    client = site.client("somchai")
    for number in range(MOST + 2):
        site.clock.pass_by(timedelta(minutes=1))
        assert client.post("/phone/push", data=browser(f"{number:02}")).status_code == 204
    assert endpoints(scene) == [f"{number:02}" for number in range(2, MOST + 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/one"},
        {"endpoint": "javascript:alert(1)"},
        {"endpoint": "https://push.example/" + "x" * 3000},
        {"p256dh": "AAAA"},
        {"auth": "AAAA"},
        {"auth": "é"},
    ],
    ids=["http", "script", "long", "key", "auth", "letters"],
)
def test_what_is_no_subscription_is_not_kept(site: Site, scene: Scene, wrong: dict[str, str]) -> None:
    assert site.client("somchai").post("/phone/push", data=browser() | wrong).status_code == 422
    assert endpoints(scene) == []


def test_a_lost_phone_is_not_called_any_more(site: Site, scene: Scene) -> None:
    site.client("somchai").post("/phone/push", data=browser())
    shut_out(scene.store, "thap-lan", "somchai")
    assert endpoints(scene) == []


def test_an_alert_calls_each_browser_of_its_person_and_of_nobody_else(scene: Scene, key_file: Path) -> None:
    clock = DrivenClock(NOW)
    subscriptions = StoreSubscriptions(scene.store)
    settings = ChannelSettings(vapid_key_file=key_file, contact="mailto:office@park.example")
    with FakePush(clock=lambda: clock.now().timestamp()) as service:
        phone, tablet, other = (service.subscribe(public_key(vapid_key(key_file))) for _ in range(3))
        for person, each in (("somchai", phone), ("somchai", tablet), ("malee", other)):
            subscriptions.add("thap-lan", person, each.subscription, NOW)
        service.end(tablet)
        channel = WebChannel(settings, subscriptions=subscriptions, pusher=Pusher(settings, clock, allow_private=True))
        ledger = StoreLedger(scene.store, clock=clock)
        incursion = scene.incursion("north-1", NOW, {"person": 2})
        number = scene.tell(incursion, "somchai", NOW, accepted=False, due_at=NOW)
        (delivery,) = ledger.claim("web", NOW, LEASE, 10)
        channel.tell(ledger.telling(delivery, photo=False), delivery.address)
        wait_until(lambda: phone.shown, "the phone is called")
        wait_until(lambda: len(subscriptions.of(number)) == 1, "the browser that is gone is forgotten")
        channel.close()
    (shown,) = phone.shown
    assert shown.payload["delivery"] == number
    assert shown.payload["headline"].startswith("2 persons")
    assert other.shown == []


def test_a_subscription_of_a_delivery_that_is_not_there_is_none(scene: Scene) -> None:
    assert StoreSubscriptions(scene.store).of(4711) == []


def test_what_is_kept_is_a_subscription_again(site: Site, scene: Scene) -> None:
    site.client("somchai").post("/phone/push", data=browser())
    number = scene.tell(scene.incursion("north-1", NOW, {"person": 1}), "somchai", NOW)
    assert StoreSubscriptions(scene.store).of(number) == [Subscription(**browser())]


# In a real browser, whose maker's push service is out of reach here: the call itself is made by the browser's own
# debugger, as a push service would.


@pytest.fixture
def phone(profile: BrowserContext, site: Site) -> Page:
    profile.grant_permissions(["notifications"], origin=site.url)
    page = profile.new_page()
    page.goto(site.link("somchai"))
    expect(page.locator("#live")).to_have_text("live")
    return page


def call(page: Page, site: Site, **said: object) -> None:
    """A push message arrives at the worker."""
    ready = "navigator.serviceWorker.ready.then((worker) => worker.active.state)"
    wait_until(lambda: page.evaluate(ready) == "activated", "the worker is ready")
    session: Any = page.context.new_cdp_session(page)
    workers: list[str] = []

    def told(event: Any) -> None:
        workers.extend(each["registrationId"] for each in event["registrations"])

    session.on("ServiceWorker.workerRegistrationUpdated", told)
    session.send("ServiceWorker.enable")
    wait_until(lambda: page.evaluate("true") and workers, "the browser tells of its worker")
    whole = {"delivery": 7, "headline": TWO, "line": "now", "link": "/", "quiet": False, "edit": False, **said}
    message = {"origin": site.url, "registrationId": workers[0], "data": json.dumps(whole)}
    session.send("ServiceWorker.deliverPushMessage", message)


TWO, THREE = "2 persons · North gate", "3 persons · North gate"
SHOWN = """() => navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) =>
    all.map(({title, body, tag, silent, renotify}) => ({title, body, tag, silent, renotify})))"""


def shown(page: Page, title: str) -> dict[str, object]:
    wait_until(lambda: [each["title"] for each in page.evaluate(SHOWN)] == [title], f"the notification {title!r}")
    (one,) = page.evaluate(SHOWN)
    return one


def test_a_call_is_shown_and_news_of_it_replace_it_without_a_sound(phone: Page, site: Site) -> None:
    call(phone, site)
    assert shown(phone, TWO) == {
        "title": TWO, "body": "now", "tag": "sambar-7", "silent": False, "renotify": True,
    }  # fmt: skip
    call(phone, site, headline=THREE, edit=True)
    news = shown(phone, THREE)
    assert (news["silent"], news["renotify"]) == (True, False)


def test_news_of_what_this_phone_has_never_called_for_make_a_sound(phone: Page, site: Site) -> None:
    call(phone, site, edit=True)
    assert shown(phone, TWO)["silent"] is False


def test_a_quiet_call_makes_no_sound(phone: Page, site: Site) -> None:
    call(phone, site, quiet=True)
    assert shown(phone, TWO)["silent"] is True


def test_the_button_is_offered_where_a_browser_can_and_may_be_asked(profile: BrowserContext, site: Site) -> None:
    page = profile.new_page()
    page.goto(site.link("somchai"))
    may = page.evaluate("Notification.permission")
    if may == "denied":  # a browser without a window refuses by itself
        page.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'default'})")
        page.reload()
    expect(page.locator("#push")).to_have_text("Get alerts when this page is closed")


def test_no_button_is_offered_to_whom_has_said_no(profile: BrowserContext, site: Site) -> None:
    page = profile.new_page()
    page.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'denied'})")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.link("somchai"))
    expect(page.locator("#live")).to_have_text("live")
    expect(page.locator("#push")).to_be_hidden()
    assert not [url for url in asked if "/push/key" in url]


def test_a_tap_subscribes_this_browser(profile: BrowserContext, site: Site, scene: Scene) -> None:
    page = profile.new_page()
    # The browser's maker's push service is out of reach: all but it is real.
    own = json.dumps({"endpoint": browser()["endpoint"], "keys": {"p256dh": POINT, "auth": AUTH}})
    page.add_init_script(
        """
        Object.defineProperty(Notification, 'permission', {get: () => 'default'});
        PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async (options) => {
          if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error('bad options');
          return { toJSON: () => (OWN) };
        };
        """.replace("OWN", own)
    )
    page.goto(site.link("somchai"))
    page.locator("#push").click()
    expect(page.locator("#push")).to_be_hidden()
    assert endpoints(scene) == ["one"]
