import stat
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError

from alerts.channels.fake_push import Browser, FakePush
from alerts.channels.push import Gone, Pusher, Subscription, topic
from alerts.channels.push_key import public_key, unpadded, vapid_key
from alerts.channels.pushing import Pushing
from alerts.channels.web import WebChannel
from alerts.channels.web_settings import WebSettings
from alerts.clock import DrivenClock
from alerts.errors import Busy, ChannelError, Refused
from tests.alerts.tellings import SEEN, telling

CONTACT = "mailto:office@park.example"


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    return WebSettings(vapid_key_file=tmp_path / "vapid.pem", contact=CONTACT)


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock(SEEN + timedelta(seconds=4))


@pytest.fixture
def service(clock: DrivenClock) -> Iterator[FakePush]:
    with FakePush(clock=lambda: clock.now().timestamp()) as service:
        yield service


@pytest.fixture
def browser(service: FakePush, tmp_path: Path) -> Browser:
    return service.subscribe(public_key(vapid_key(tmp_path / "vapid.pem")))


@pytest.fixture
def pusher(settings: WebSettings, clock: DrivenClock) -> Iterator[Pusher]:
    pusher = Pusher(settings, clock, allow_private=True)
    yield pusher
    pusher.close()


def test_a_browser_reads_what_is_told(pusher: Pusher, browser: Browser) -> None:
    pusher.push(browser.subscription, telling(delivery=7, link="https://park.example/a/42?x=1#top", place="ประตูเหนือ"))
    (shown,) = browser.shown
    assert shown.payload == {
        "delivery": 7,
        "headline": "2 persons · ประตูเหนือ",
        "line": shown.payload["line"],
        "link": "/a/42?x=1",
        "quiet": False,
        "edit": False,
    }
    assert "03:40" in shown.payload["line"]


def test_the_push_service_itself_reads_nothing(pusher: Pusher, service: FakePush, browser: Browser) -> None:
    pusher.push(browser.subscription, telling())
    assert b"North gate" not in service.requests[0].body


@pytest.mark.parametrize(("quiet", "urgency"), [(False, "high"), (True, "low")], ids=["loud", "quiet"])
def test_only_what_is_loud_is_urgent(pusher: Pusher, browser: Browser, quiet: bool, urgency: str) -> None:
    pusher.push(browser.subscription, telling(quiet=quiet))
    (shown,) = browser.shown
    assert (shown.urgency, shown.ttl_s, shown.payload["quiet"]) == (urgency, 4 * 3600, quiet)


def test_of_one_delivery_a_phone_that_was_off_gets_only_the_newest(pusher: Pusher, browser: Browser) -> None:
    browser.online = False
    pusher.push(browser.subscription, telling())
    pusher.push(browser.subscription, telling(counts={"person": 9}), edit=True)
    pusher.push(browser.subscription, telling(delivery=2, place="South gate"))
    browser.come_online()
    assert [shown.payload["headline"] for shown in browser.shown] == [
        "9 persons · North gate",
        "2 persons · South gate",
    ]
    assert browser.shown[0].urgency == "high"  # the alert that it replaced was


def test_a_topic_does_not_tell_the_deliverys_number_and_fits_the_header() -> None:
    topics = {topic(telling(delivery=number)) for number in range(50)}
    assert (len(topics), {len(each) for each in topics}) == (50, {32})
    assert topic(telling(park="Khao Yai")) != topic(telling(park="Salween"))


def test_a_subscription_that_has_ended_is_gone(pusher: Pusher, service: FakePush, browser: Browser) -> None:
    service.end(browser)
    with pytest.raises(Gone, match="410"):
        pusher.push(browser.subscription, telling())


def test_a_subscription_that_the_service_does_not_know_is_gone(pusher: Pusher, browser: Browser) -> None:
    there = browser.subscription
    with pytest.raises(Gone, match="404"):
        pusher.push(Subscription(f"{there.endpoint}x", there.p256dh, there.auth), telling())


def test_a_key_that_is_no_point_of_the_curve_is_gone(pusher: Pusher, browser: Browser) -> None:
    there = browser.subscription
    with pytest.raises(Gone, match="none that one could encrypt for"):
        pusher.push(Subscription(there.endpoint, unpadded(b"\x04" + bytes(64)), there.auth), telling())


def test_a_subscription_made_for_another_key_says_what_to_do(pusher: Pusher, service: FakePush) -> None:
    other = service.subscribe(public_key(generate_private_key(SECP256R1())))
    with pytest.raises(Busy, match="each phone has to allow notifications anew"):
        pusher.push(other.subscription, telling())


def test_a_clock_that_is_wrong_is_told(settings: WebSettings, browser: Browser) -> None:
    pusher = Pusher(settings, DrivenClock(SEEN - timedelta(days=2)), allow_private=True)
    with pytest.raises(Busy, match="check the machine's clock"):
        pusher.push(browser.subscription, telling())
    pusher.close()


@pytest.mark.parametrize(("code", "error"), [(503, Busy), (301, Busy), (400, Refused), (413, Refused)])
def test_each_answer_has_its_meaning(
    pusher: Pusher, service: FakePush, browser: Browser, code: int, error: type[ChannelError]
) -> None:
    service.answer_next(code, {})
    with pytest.raises(error, match=str(code)):
        pusher.push(browser.subscription, telling())


def test_one_too_many_is_busy_with_the_services_own_wish(pusher: Pusher, service: FakePush, browser: Browser) -> None:
    service.answer_next(429, {}, retry_after="60")
    with pytest.raises(Busy) as busy:
        pusher.push(browser.subscription, telling())
    assert busy.value.retry_after == timedelta(seconds=60)


def test_no_log_and_no_error_holds_the_endpoint(
    pusher: Pusher, service: FakePush, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    secret = browser.subscription.endpoint.rpartition("/")[2]
    with caplog.at_level("DEBUG"):
        pusher.push(browser.subscription, telling())
        service.answer_next(400, {})
        with pytest.raises(Refused) as refused:
            pusher.push(browser.subscription, telling())
    assert caplog.records
    assert secret not in caplog.text + str(refused.value) + repr(browser.subscription)


def test_an_endpoint_in_a_private_network_is_gone_and_not_reached(settings: WebSettings, browser: Browser) -> None:
    pusher = Pusher(settings)
    there = browser.subscription
    inside = Subscription(there.endpoint.replace("http://", "https://"), there.p256dh, there.auth)
    with pytest.raises(Gone, match="private network"):
        pusher.push(inside, telling())
    with pytest.raises(Refused, match="https alone"):
        pusher.push(there, telling())
    pusher.close()


@pytest.mark.parametrize(
    ("endpoint", "p256dh", "auth", "sentence"),
    [
        ("file:///etc/passwd", None, None, "endpoint"),
        ("https://user@push.example/x", None, None, "endpoint"),
        ("https://push.example", None, None, "endpoint"),
        ("https://push.example/\x00", None, None, "endpoint"),
        ("https://[::1/x", None, None, "endpoint"),
        (None, "AAAA", None, r"keys\.p256dh: expected an uncompressed point"),
        (None, "ก", None, r"keys\.p256dh: expected base64url"),
        (None, None, "AAAA", r"keys\.auth: expected 16 bytes"),
    ],
)
def test_what_is_no_subscription_is_told(
    browser: Browser, endpoint: str | None, p256dh: str | None, auth: str | None, sentence: str
) -> None:
    there = browser.subscription
    with pytest.raises(ValueError, match=sentence):
        Subscription(endpoint or there.endpoint, p256dh or there.p256dh, auth or there.auth)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "vapid.pem"
    first = public_key(vapid_key(path))
    assert public_key(vapid_key(path)) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["vapid.pem"]


def test_two_processes_that_come_at_once_have_one_key(tmp_path: Path) -> None:
    keys: list[str] = []
    start = threading.Barrier(4)

    def come() -> None:
        start.wait(10)
        keys.append(public_key(vapid_key(tmp_path / "vapid.pem")))

    threads = [threading.Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(keys), len(set(keys))) == (4, 1)


def test_the_public_key_is_as_a_browser_takes_it(tmp_path: Path) -> None:
    key = public_key(vapid_key(tmp_path / "vapid.pem"))
    point = urlsafe_b64decode(key + "=")
    assert (len(key), len(point), point[0]) == (87, 65, 4)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no key", "expected a private key in PEM"),
        (
            generate_private_key(SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            "on the curve P-256",
        ),
    ],
    ids=["no key", "another curve"],
)
def test_a_file_that_holds_no_such_key_is_told(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "vapid.pem"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        vapid_key(path)


@pytest.mark.parametrize("contact", ["office@park.example", "mailto:office", "mailto:a@b.c?x=1", None])
def test_a_contact_that_nobody_can_write_to_is_a_mistake(tmp_path: Path, contact: str | None) -> None:
    with pytest.raises(ValidationError, match=r"contact: .*expected mailto: and a mail address"):
        WebSettings(vapid_key_file=tmp_path / "vapid.pem", contact=contact)


class Kept:
    """Subscriptions by delivery, as the gateway keeps them."""

    def __init__(self, *browsers: Browser) -> None:
        self.by_delivery = {7: [browser.subscription for browser in browsers]}
        self.forgotten: list[str] = []
        self.fails = False

    def of(self, delivery: int) -> Sequence[Subscription]:
        if self.fails:
            raise OSError("the disk is full")
        return self.by_delivery.get(delivery, [])

    def gone(self, endpoint: str) -> None:
        self.forgotten.append(endpoint)


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return condition()


def test_the_web_channel_pushes_what_it_tells_and_how_it_changes(
    settings: WebSettings, pusher: Pusher, browser: Browser
) -> None:
    channel = WebChannel(settings, subscriptions=Kept(browser), pusher=pusher)
    earlier = channel.tell(telling(delivery=7), "malee")
    channel.edit(telling(delivery=7, counts={"person": 9}), "malee", earlier)
    assert comes_true(lambda: len(browser.shown) == 2)
    channel.close()
    assert [shown.payload["edit"] for shown in browser.shown] == [False, True]
    assert browser.shown[0].topic == browser.shown[1].topic


def test_the_web_channel_forgets_a_subscription_that_has_ended_and_pushes_to_the_others(
    settings: WebSettings, pusher: Pusher, service: FakePush, browser: Browser
) -> None:
    old = service.subscribe(browser.application_key)
    service.end(old)
    kept = Kept(old, browser)
    channel = WebChannel(settings, subscriptions=kept, pusher=pusher)
    channel.tell(telling(delivery=7), "malee")
    assert comes_true(lambda: len(browser.shown) == 1)
    channel.close()
    assert kept.forgotten == [old.subscription.endpoint]


def test_an_alert_stands_though_its_notification_fails(
    settings: WebSettings, pusher: Pusher, service: FakePush, browser: Browser
) -> None:
    kept = Kept(browser)
    channel = WebChannel(settings, subscriptions=kept, pusher=pusher)
    kept.fails = True
    assert channel.tell(telling(delivery=7), "malee").message_id == "7"
    kept.fails = False
    service.answer_next(400, {})
    assert channel.tell(telling(delivery=7), "malee").message_id == "7"
    channel.tell(telling(delivery=7), "malee")
    assert comes_true(lambda: len(browser.shown) == 1)  # the thread lives on
    channel.close()


def test_a_notification_that_met_trouble_is_sent_again(pusher: Pusher, service: FakePush, browser: Browser) -> None:
    pushing = Pushing(pusher, Kept(browser), pauses_s=(0.01, 0.01))
    for status in (503, 500):
        service.answer_next(status, {})
    pushing.push(telling(delivery=7), edit=False)
    assert comes_true(lambda: len(browser.shown) == 1)
    pushing.close()
    assert len(service.requests) == 3


def test_a_notification_that_meets_trouble_too_often_is_given_up(
    pusher: Pusher, service: FakePush, browser: Browser
) -> None:
    pushing = Pushing(pusher, Kept(browser), pauses_s=(0.01,))
    for status in (503, 503):
        service.answer_next(status, {})
    pushing.push(telling(delivery=7), edit=False)
    assert comes_true(lambda: len(service.requests) == 2)
    pushing.push(telling(delivery=7, counts={"person": 9}), edit=True)
    assert comes_true(lambda: len(browser.shown) == 1)
    pushing.close()
    assert [shown.payload["headline"] for shown in browser.shown] == ["9 persons · North gate"]


def test_news_take_the_place_of_a_notification_that_waits(pusher: Pusher, service: FakePush, browser: Browser) -> None:
    pushing = Pushing(pusher, Kept(browser), pauses_s=(0.2,))
    service.answer_next(503, {})
    pushing.push(telling(delivery=7), edit=False)
    assert comes_true(lambda: len(service.requests) == 1)
    pushing.push(telling(delivery=7, counts={"person": 9}), edit=True)
    assert comes_true(lambda: len(browser.shown) == 1)
    service.answer_next(503, {})
    pushing.push(telling(delivery=7, counts={"person": 10}), edit=True)
    assert comes_true(lambda: len(browser.shown) == 2)
    pushing.close()
    assert [shown.payload["headline"][:9] for shown in browser.shown] == ["9 persons", "10 person"]


def test_a_push_service_that_does_not_answer_delays_no_alert(
    settings: WebSettings, pusher: Pusher, service: FakePush, browser: Browser
) -> None:
    channel = WebChannel(settings, subscriptions=Kept(browser), pusher=pusher)
    released = service.stall_next()
    channel.tell(telling(delivery=7), "malee")
    assert comes_true(lambda: len(service.requests) == 1)
    assert channel.tell(telling(delivery=7, revision=2), "malee").message_id == "7"
    assert browser.shown == []
    released.set()
    channel.close()


def test_without_a_key_or_subscriptions_nothing_is_pushed(settings: WebSettings, tmp_path: Path) -> None:
    for channel in (WebChannel(WebSettings(), subscriptions=Kept()), WebChannel(settings)):
        channel.tell(telling(), "malee")
        channel.close()
    assert not (tmp_path / "vapid.pem").exists()
