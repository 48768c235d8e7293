"""What those outside reach without a cookie: hooks, photos by signed addresses, the gateway's health."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from alerts.channels.fake_line import SECRET, TOKEN, FakeLine
from alerts.channels.fake_twilio import ACCOUNT, FakeTwilio
from alerts.channels.fake_twilio import TOKEN as TWILIO_TOKEN
from alerts.channels.fake_whatsapp import APP_SECRET, PHONE_NUMBER_ID, FakeWhatsApp
from alerts.channels.fake_whatsapp import TOKEN as WHATSAPP_TOKEN
from alerts.channels.line_settings import LineSettings
from alerts.channels.sms_settings import SmsSettings
from alerts.channels.voice_settings import VoiceSettings
from alerts.channels.whatsapp_settings import WhatsAppSettings
from alerts.clock import DrivenClock
from gateway.hearing import Hearing
from gateway.jpegs import Jpegs
from gateway.shared_links import PhotoLinks
from gateway.store import tables
from gateway.web.hooks import PER_SECOND, Allowance, Hooks
from gateway.web.outside import Outside
from gateway.web.routes.outside import MOST_BODY
from tests.fixtures.mosquitto import wait_until
from tests.gateway.web.conftest import Site
from tests.gateway.web.scene import NOW, Scene, drawn

USER = "U" + "4af4980629" * 3 + "ab"
NUMBER = "+66812345678"
ORIGIN = "https://sambar.example.org"
DAY = timedelta(days=1)


@pytest.fixture
def line() -> Iterator[FakeLine]:
    with FakeLine() as server:
        server.add(USER)
        yield server


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as server:
        yield server


@pytest.fixture
def whatsapp() -> Iterator[FakeWhatsApp]:
    with FakeWhatsApp() as server:
        yield server


@pytest.fixture
def site(scene: Scene, line: FakeLine, twilio: FakeTwilio, whatsapp: FakeWhatsApp) -> Iterator[Site]:
    clock = DrivenClock(NOW)
    account: dict[str, Any] = {
        "account_sid": ACCOUNT, "auth_token": TWILIO_TOKEN, "sender": "+15005550006", "base_url": twilio.url,
        "public_url": ORIGIN,
    }  # fmt: skip
    channels = {
        "line": LineSettings(access_token=SecretStr(TOKEN), secret=SecretStr(SECRET), base_url=line.url),
        "sms": SmsSettings.model_validate(account),
        "voice": VoiceSettings.model_validate(account),
        "whatsapp": WhatsAppSettings.model_validate(
            {
                "phone_number_id": PHONE_NUMBER_ID, "token": WHATSAPP_TOKEN, "app_secret": APP_SECRET,
                "verify_token": "a-word-of-ours", "template": "alert", "base_url": whatsapp.url,
            }
        ),
    }  # fmt: skip
    links = PhotoLinks(b"k" * 32, ORIGIN, DAY, clock)
    outside = Outside(Hooks(channels, Hearing(scene.store, clock), clock), links)
    made = Site(scene, outside=outside, clock=clock)
    yield made
    made.clients.close()
    made.stop()
    outside.close()


@pytest.fixture
def service(site: Site) -> Iterator[httpx.Client]:
    """A service: no cookie, no Origin."""
    with httpx.Client(base_url=site.url, timeout=10, trust_env=False) as client:
        yield client


def told_by(scene: Scene, channel: str, address: str, **marks: Any) -> int:
    """Somchai has an alert on a channel. Its delivery's number."""
    with scene.store.writing() as session:
        person = session.get_one(tables.Person, ("thap-lan", "somchai"))
        person.channels = [*person.channels, {"channel": channel, "address": address}]
    number = scene.tell(scene.incursion("north-1", NOW, {"person": 2}), "somchai", NOW, channel=channel, **marks)
    with scene.store.writing() as session:
        session.get_one(tables.Delivery, number).address = address
    return number


def pressed(number: int, answer: str = "ready", token: str = "a-reply-token") -> dict[str, Any]:  # noqa: S107 - none
    """https://developers.line.biz/en/reference/messaging-api/#postback-event."""
    return {
        "type": "postback", "mode": "active", "timestamp": int(NOW.timestamp() * 1000),
        "source": {"type": "user", "userId": USER}, "replyToken": token,
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR", "deliveryContext": {"isRedelivery": False},
        "postback": {"data": f"sambar:{number}:{answer}"},
    }  # fmt: skip


def written(words: str, token: str = "a-reply-token") -> dict[str, Any]:  # noqa: S107 - none
    """https://developers.line.biz/en/reference/messaging-api/#wh-text."""
    event = pressed(0, token=token) | {"type": "message"}
    del event["postback"]
    return event | {"message": {"id": "1", "type": "text", "text": words}}


def answers(scene: Scene) -> list[tuple[str, str, str]]:
    with scene.store.reading() as session:
        return [(row.person, row.answer, row.channel) for row in session.scalars(select(tables.Answer))]


def mutes(scene: Scene) -> int:
    with scene.store.reading() as session:
        return len(session.scalars(select(tables.Mute)).all())


def post(service: httpx.Client, line: FakeLine, *events: dict[str, Any]) -> httpx.Response:
    headers, body = line.webhook(*events)
    return service.post("/hooks/line", headers=headers, content=body)


def test_ready_pressed_in_line_is_kept_and_replied_to(service: httpx.Client, line: FakeLine, scene: Scene) -> None:
    number = told_by(scene, "line", USER)
    taken = post(service, line, pressed(number))
    assert (taken.status_code, taken.content) == (200, b"")
    assert answers(scene) == [("somchai", "ready", "line")]
    wait_until(lambda: line.shows(USER), "a reply in LINE")


def test_a_forged_request_is_refused_without_a_word_and_nothing_is_stored(
    service: httpx.Client, line: FakeLine, scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    number = told_by(scene, "line", USER)
    headers, body = line.webhook(pressed(number))
    forged = service.post("/hooks/line", headers=headers, content=body.replace(b"ready", b"false-alarm"))
    assert (forged.status_code, forged.content) == (403, b"")
    assert answers(scene) == []
    logged = [row for row in capsys.readouterr().out.splitlines() if "not signed by its service" in row]
    assert len(logged) == 1
    assert SECRET not in logged[0]


def test_a_channel_that_is_not_set_up_has_no_hook(service: httpx.Client) -> None:
    assert service.post("/hooks/telegram").status_code == 404
    assert service.get("/hooks/pigeon").status_code == 404


def test_a_body_that_is_too_long_is_refused_before_it_is_read(service: httpx.Client, scene: Scene) -> None:
    told_by(scene, "line", USER)
    pieces = 0

    def endless() -> Iterator[bytes]:
        nonlocal pieces
        for _ in range(100):
            pieces += 1
            yield b" " * (MOST_BODY // 4)

    with suppress(httpx.WriteError, httpx.ReadError):  # where the server hangs up before its answer is read
        assert service.post("/hooks/line", content=endless()).status_code == 413
    assert pieces < 100


def test_only_hooks_take_what_no_page_of_ours_has_sent(service: httpx.Client) -> None:
    assert service.post("/phone/seen", data={"number": "1"}).status_code == 403
    assert service.post("/hooks").status_code == 403


def test_a_text_message_is_answered_as_twilio_wants_it(service: httpx.Client, twilio: FakeTwilio, scene: Scene) -> None:
    told_by(scene, "sms", NUMBER)
    text = twilio.message_from(NUMBER, "status", f"{ORIGIN}/hooks/sms")
    taken = service.post("/hooks/sms", headers=text.headers, content=text.body)
    assert taken.headers["content-type"].startswith("text/xml")
    assert taken.text.endswith("<Response/>")
    wait_until(lambda: twilio.phone(NUMBER).messages, "a reply by SMS")


def test_a_key_pressed_in_a_call_marks_the_alert_as_seen(
    service: httpx.Client, twilio: FakeTwilio, scene: Scene
) -> None:
    number = told_by(scene, "voice", NUMBER, message_id="CA5")
    key = twilio.webhook(f"{ORIGIN}/hooks/voice", CallSid="CA5", CallStatus="in-progress", To=NUMBER, Digits="1")
    assert service.post("/hooks/voice", headers=key.headers, content=key.body).status_code == 200
    assert answers(scene) == [("somchai", "seen", "voice")]
    assert scene.delivery(number).seen_at == NOW
    assert scene.delivery(number).delivered_at == NOW


def test_a_call_that_was_not_ours_answers_nothing(service: httpx.Client, twilio: FakeTwilio, scene: Scene) -> None:
    told_by(scene, "voice", NUMBER, message_id="CA5")
    key = twilio.webhook(f"{ORIGIN}/hooks/voice", CallSid="CA6", CallStatus="in-progress", To=NUMBER, Digits="1")
    assert service.post("/hooks/voice", headers=key.headers, content=key.body).status_code == 200
    assert answers(scene) == []


def test_meta_learns_that_the_address_is_ours(service: httpx.Client) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "a-word-of-ours"}
    assert service.get("/hooks/whatsapp", params=asked).text == "1158201444"
    assert service.get("/hooks/whatsapp", params=asked | {"hub.verify_token": "another"}).status_code == 404
    assert service.get("/hooks/line", params=asked).status_code == 404


def test_a_receipt_of_whatsapp_marks_the_delivery(service: httpx.Client, whatsapp: FakeWhatsApp, scene: Scene) -> None:
    number = told_by(scene, "whatsapp", NUMBER, message_id="wamid.A")
    status = {"id": "wamid.A", "status": "delivered", "timestamp": str(int(NOW.timestamp())), "recipient_id": NUMBER}
    headers, body = whatsapp.webhook(statuses=[status])
    assert service.post("/hooks/whatsapp", headers=headers, content=body).status_code == 200
    assert scene.delivery(number).delivered_at == NOW


def test_a_command_that_comes_twice_is_obeyed_once(service: httpx.Client, line: FakeLine, scene: Scene) -> None:
    told_by(scene, "line", USER)
    for _ in range(2):
        assert post(service, line, written("silence north-1 2h rain")).status_code == 200
    assert mutes(scene) == 1


def test_the_same_command_written_again_is_obeyed_again(service: httpx.Client, line: FakeLine, scene: Scene) -> None:
    told_by(scene, "line", USER)
    for token in ("first", "second"):
        post(service, line, written("silence north-1 2h rain", token))
    assert mutes(scene) == 2


def test_what_could_not_be_kept_is_not_taken_and_is_heard_when_it_comes_again(
    service: httpx.Client, line: FakeLine, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = told_by(scene, "line", USER)

    def away(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.hearing.answer", away)
        headers, body = line.webhook(pressed(number))
        failed = service.post("/hooks/line", headers={**headers, "connection": "close"}, content=body)
        assert failed.status_code == 500
    assert answers(scene) == []
    assert post(service, line, pressed(number)).status_code == 200
    assert answers(scene) == [("somchai", "ready", "line")]


def test_more_than_a_service_would_ever_say_is_put_off(service: httpx.Client, line: FakeLine) -> None:
    headers, body = line.webhook()
    codes = {service.post("/hooks/line", headers=headers, content=body).status_code for _ in range(PER_SECOND * 4)}
    assert codes == {200, 429}


def test_an_allowance_fills_by_the_second_and_never_above_its_measure() -> None:
    now = 0.0
    bucket = Allowance(2, lambda: now)
    assert [bucket.one() for _ in range(3)] == [True, True, False]
    now = 0.5
    assert [bucket.one() for _ in range(2)] == [True, False]
    now = 100.0
    assert [bucket.one() for _ in range(3)] == [True, True, False]


def test_a_service_that_answers_slowly_holds_no_request_up(service: httpx.Client, line: FakeLine, scene: Scene) -> None:
    number = told_by(scene, "line", USER)
    until = line.stall_next()
    for index in range(5):
        assert post(service, line, pressed(number, token=f"t{index}")).status_code == 200
    assert line.shows(USER) == []
    until.set()
    wait_until(lambda: len(line.shows(USER)) == 5, "every reply, one after the other")


def a_photo(scene: Scene, seed: int = 1) -> tuple[str, list[dict[str, Any]]]:
    """Its path in the photo store, and its detections."""
    image, detections = drawn(1, seed)
    scene.incursion("north-1", NOW, {"person": 1}, photo=image, detections=detections)
    with scene.store.reading() as session:
        newest = select(tables.Photo).order_by(tables.Photo.sequence.desc()).limit(1)
        return session.scalars(newest).one().path, detections


def address(site: Site, path: str) -> str:
    """On this machine."""
    assert site.outside is not None
    assert site.outside.links is not None
    whole = site.outside.links.address(path, [])
    assert whole is not None
    return whole.removeprefix(ORIGIN)


def test_a_photo_opens_by_its_signed_address_with_its_boxes(service: httpx.Client, site: Site, scene: Scene) -> None:
    path, detections = a_photo(scene)
    photo = service.get(address(site, path))
    assert photo.status_code == 200
    assert (photo.headers["content-type"], photo.headers["cache-control"]) == ("image/jpeg", "private")
    assert photo.headers["x-robots-tag"] == "noindex"
    assert photo.content == Jpegs(scene.photos)(path, detections)
    assert photo.content != Jpegs(scene.photos)(path, [])


def test_an_address_ends(service: httpx.Client, site: Site, scene: Scene) -> None:
    path, _ = a_photo(scene)
    where = address(site, path)
    site.clock.pass_by(DAY - timedelta(seconds=2))
    assert service.get(where).status_code == 200
    site.clock.pass_by(timedelta(seconds=2))
    assert service.get(where).status_code == 404


def test_an_address_cannot_be_changed_to_another_photo(service: httpx.Client, site: Site, scene: Scene) -> None:
    (one, _), (other, _) = a_photo(scene, 1), a_photo(scene, 2)
    first, second = (address(site, path).removeprefix("/p/").removesuffix(".jpg") for path in (one, other))
    mixed = f"{second.partition('.')[0]}.{first.partition('.')[2]}"
    assert service.get(f"/p/{second}.jpg").status_code == 200
    assert service.get(f"/p/{mixed}.jpg").status_code == 404


@pytest.mark.parametrize("token", ["x", "x.y", "." * 50, "%00", "é"])
def test_rubbish_is_no_address(service: httpx.Client, token: str) -> None:
    assert service.get(f"/p/{token}.jpg").status_code == 404


def test_a_photo_that_is_gone_is_not_found(service: httpx.Client, site: Site, scene: Scene) -> None:
    path, _ = a_photo(scene)
    where = address(site, path)
    with scene.store.writing() as session:
        session.delete(session.scalars(select(tables.Photo)).one())
    assert service.get(where).status_code == 404


def test_health_says_when_a_camera_was_last_heard_and_what_waits(
    service: httpx.Client, site: Site, scene: Scene
) -> None:
    site.clock.pass_by(timedelta(seconds=90))
    assert service.get("/health").json() == {"ok": True, "heard_s": 90.0, "waiting": 0, "oldest_s": 0.0}
    incursion = scene.incursion("north-1", NOW, {"person": 1})
    scene.tell(incursion, "somchai", NOW, accepted=False, due_at=NOW)
    scene.tell(incursion, "malee", NOW, due_at=NOW)  # only an edit
    assert service.get("/health").json() == {"ok": True, "heard_s": 90.0, "waiting": 1, "oldest_s": 90.0}


def test_what_failed_and_is_to_be_tried_later_waits_too(service: httpx.Client, site: Site, scene: Scene) -> None:
    incursion = scene.incursion("north-1", NOW, {"person": 1})
    scene.tell(incursion, "somchai", NOW, accepted=False, due_at=NOW + timedelta(minutes=5), attempts=3)
    scene.tell(incursion, "malee", NOW, accepted=False, due_at=NOW + timedelta(seconds=3))  # waits for its photo
    site.clock.pass_by(timedelta(seconds=1))
    assert service.get("/health").json()["waiting"] == 1


def test_health_names_nobody_and_nothing(service: httpx.Client, scene: Scene) -> None:
    told_by(scene, "line", USER)
    said = json.dumps(service.get("/health").json())
    assert not any(name in said for name in ("north-1", "somchai", "thap-lan", USER))


def test_a_database_that_does_not_answer_is_no_health(service: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("SELECT", {}, OSError("gone"))

    monkeypatch.setattr("gateway.web.routes.outside.health", away)
    assert service.get("/health").status_code == 503
