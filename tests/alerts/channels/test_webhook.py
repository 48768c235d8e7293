import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channels.fake_webhook import SECRET, FakeWebhook
from alerts.channels.webhook import WebhookChannel
from alerts.channels.webhook_settings import WebhookSettings
from alerts.clock import DrivenClock
from alerts.delivery import Accepted, Alarm, Answer, Movement, Progress
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service, assert_says
from tests.alerts.tellings import JPEG, SEEN, notice, telling

ROOM = "control-room"
DOCS = (Path(__file__).parents[3] / "docs" / "channels" / "webhook.md").read_text(encoding="utf-8")


class WebhookService:
    """The webhook channel and a receiver of the park's."""

    photos = True
    address = ROOM
    secret = SECRET

    def __init__(self, path: str = "/", **receiver: Any) -> None:
        self.clock = DrivenClock(SEEN + timedelta(seconds=4))
        self.server = FakeWebhook(clock=lambda: self.clock.now().timestamp())
        self.server.start()
        plain = {"url": f"{self.server.url}{path}", "secret": SECRET, "allow_private": True}
        self.channel = WebhookChannel(
            WebhookSettings.model_validate({"to": {ROOM: plain | receiver}}), self.clock, timeout=5
        )

    def shown(self) -> list[Seen]:
        return [
            Seen("\n".join([each.source["headline"], *each.source["lines"]]), each.photo)
            for each in self.server.shows()
        ]

    def lose_the_message(self) -> None:
        self.server.forget()

    def be_in_trouble(self) -> None:
        self.server.answer_next(500, {})

    def want_a_pause(self, pause: timedelta) -> None:
        self.server.answer_next(429, {}, retry_after=str(int(pause.total_seconds())))  # RFC 6585, section 4

    def shut_us_out(self) -> None:
        self.server.gone = True

    def go_away(self) -> None:
        self.server.stop()

    def close(self) -> None:
        self.channel.close()
        self.server.stop()


@pytest.fixture
def service() -> Iterator[WebhookService]:
    service = WebhookService()
    yield service
    service.close()


class TestWebhook(ChannelContract):
    def test_a_message_that_is_gone_is_told_anew(self, service: Service) -> None:
        """Under the id that it had: each sending says all there is."""
        earlier = service.channel.tell(telling(), service.address)
        service.lose_the_message()
        accepted = service.channel.edit(telling(counts={"person": 9}), service.address, earlier)
        (seen,) = service.shown()
        assert_says(seen, "9 persons", "North gate")
        assert accepted == earlier


def source(service: WebhookService) -> dict[str, Any]:
    return service.server.shows()[-1].source


def test_an_incursion_is_sent_with_all_its_fields(service: WebhookService) -> None:
    service.channel.tell(
        telling(
            movement=Movement("NE", 4.26),
            alarm=Alarm.OVERDUE,
            answers=(Answer.SEEN, Answer.READY),
            progress=Progress(seen=2, approved=True, stage=Answer.ON_THE_WAY),
            link="https://park.example/incursions/42",
        ),
        ROOM,
    )
    told = source(service)
    assert {
        name: told[name] for name in ("type", "incursion", "place", "first_seen", "counts", "score", "heading")
    } == {
        "type": "incursion",
        "incursion": 42,
        "place": "North gate",
        "first_seen": "2026-03-04T20:40:12Z",
        "counts": {"person": 2},
        "score": 0.874,
        "heading": "NE",
    }
    assert (told["speed_km_h"], told["alarm"], told["answers"]) == (4.3, "overdue", ["seen", "ready"])
    assert told["progress"] == {"seen": 2, "ready": 0, "approved": True, "stage": "on-the-way", "closed_by": None}
    assert told["link"] == "https://park.example/incursions/42"


def test_a_notice_is_sent_with_all_its_fields(service: WebhookService) -> None:
    service.channel.tell(notice(), ROOM)
    told = source(service)
    assert (told["type"], told["kind"], told["since"], told["facts"]) == (
        "notice",
        "camera-silent",
        "2026-03-04T20:40:12Z",
        {"battery_percent": 12.0},
    )


@pytest.mark.parametrize("kind", ["incursion", "notice"])
def test_every_field_is_in_the_documentation(service: WebhookService, kind: str) -> None:
    service.channel.tell(telling() if kind == "incursion" else notice(), ROOM)
    missing = {name for name in source(service) if f"`{name}`" not in DOCS}
    assert missing == set()


def test_the_check_in_the_documentation_takes_what_is_sent_and_nothing_else(service: WebhookService) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    example = example.replace("time.time()", str(service.clock.now().timestamp()))
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - our own page
    check = names["is_from_sambar"]
    service.channel.tell(telling(), ROOM)
    (request,) = service.server.requests
    headers = {name.title(): value for name, value in request.headers.items()}
    assert check(SECRET.encode(), headers, request.body)
    assert not check(SECRET.encode(), headers, request.body + b" ")
    assert not check(b"another", headers, request.body)
    assert not check(SECRET.encode(), headers | {"Sambar-Timestamp": "1"}, request.body)


def test_a_message_whose_answer_was_lost_is_not_shown_twice(service: WebhookService) -> None:
    service.server.lose_next_answer()
    with pytest.raises(Busy):
        service.channel.tell(telling(), ROOM)
    service.clock.pass_by(timedelta(seconds=30))
    service.channel.tell(telling(), ROOM)
    assert len(service.shown()) == 1
    first, second = service.server.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_an_edit_has_a_key_of_its_own(service: WebhookService) -> None:
    earlier = service.channel.tell(telling(photo=None), ROOM)
    service.channel.edit(telling(), ROOM, earlier)
    assert len({request.headers["idempotency-key"] for request in service.server.requests}) == 2


def test_a_receiver_may_do_without_photos() -> None:
    service = WebhookService(photos=False)
    accepted = service.channel.tell(telling(), ROOM)
    assert (source(service)["photo"], accepted.with_photo) == (None, False)
    service.close()


def test_a_photo_that_is_too_large_leaves_the_words(service: WebhookService) -> None:
    service.server.largest = 10_000
    accepted = service.channel.tell(telling(photo=JPEG + bytes(20_000)), ROOM)
    assert (source(service)["photo"], accepted.with_photo) == (None, False)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, r"check secret in channels\.webhook\.to\.control-room"),
        (403, r"check secret in channels\.webhook\.to\.control-room"),
        (404, r"check url in channels\.webhook\.to\.control-room"),
        (405, r"check url in channels\.webhook\.to\.control-room"),
        (301, r"not followed; check url in channels\.webhook\.to\.control-room"),
        (409, "not now"),
        (503, "in trouble"),
    ],
)
def test_what_can_be_mended_or_waited_for_is_busy(service: WebhookService, status: int, sentence: str) -> None:
    service.server.answer_next(status, {}, location=service.server.url)
    with pytest.raises(Busy, match=sentence):
        service.channel.tell(telling(), ROOM)
    assert len(service.server.requests) == 1


@pytest.mark.parametrize("status", [400, 410, 422])
def test_what_the_receiver_never_takes_is_refused(service: WebhookService, status: int) -> None:
    service.server.answer_next(status, {})
    with pytest.raises(Refused, match=str(status)):
        service.channel.tell(telling(), ROOM)


def test_a_wrong_secret_is_busy_until_the_settings_are_mended() -> None:
    service = WebhookService(secret="another-secret-altogether")  # noqa: S106 - of a receiver that does not exist
    with pytest.raises(Busy, match="does not take our signature"):
        service.channel.tell(telling(), ROOM)
    service.close()


def test_a_name_that_is_not_in_the_settings_is_busy_and_asks_nobody(service: WebhookService) -> None:
    with pytest.raises(Busy, match=r"no \[channels\.webhook\.to\.other\]; expected one of: control-room"):
        service.channel.tell(telling(), "other")
    assert service.server.requests == []


def test_a_receiver_in_a_private_network_is_not_reached_unless_that_is_allowed() -> None:
    with FakeWebhook() as server:
        port = server.url.rpartition(":")[2]
        receiver = {"url": f"https://localhost:{port}/", "secret": SECRET}
        channel = WebhookChannel(WebhookSettings.model_validate({"to": {ROOM: receiver}}))
        with pytest.raises(Busy, match="leads into a private network"):
            channel.tell(telling(), ROOM)
        channel.close()
        assert server.requests == []


def test_what_was_sent_cannot_be_taken_back(service: WebhookService) -> None:
    with pytest.raises(Refused, match="cannot be taken back"):
        service.channel.withdraw(ROOM, Accepted("1-x", with_photo=True))


def test_the_address_is_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    service = WebhookService("/hooks/the-hidden-path")
    with caplog.at_level("DEBUG"):
        service.channel.tell(telling(), ROOM)
        service.server.answer_next(404, {})
        with pytest.raises(Busy) as busy:
            service.channel.tell(telling(counts={"person": 3}), ROOM)
    service.close()
    assert "hidden-path" not in caplog.text + str(busy.value)


GOOD = {"url": "https://x.example/", "secret": "a-secret-long-enough"}


@pytest.mark.parametrize(
    ("receiver", "sentence"),
    [
        (GOOD | {"url": "http://the-hidden.example/"}, "url: expected https://HOST"),
        (GOOD | {"url": "https://user:the-hidden@x.example/"}, "url: expected https://HOST"),
        (GOOD | {"url": "ftp://the-hidden"}, "url: expected https://HOST"),
        (GOOD | {"secret": "the-hidden"}, "secret: expected at least 16 letters"),
        ({"url": "https://the-hidden.example/"}, "expected one of secret and secret_file"),
        (GOOD | {"secret_file": "/the-file"}, "expected one of secret and secret_file"),
        (GOOD | {"port": 1}, "port"),
    ],
)
def test_wrong_settings_are_told_without_what_is_secret(receiver: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        WebhookSettings.model_validate({"to": {ROOM: receiver}})
    assert sentence in str(wrong.value)
    assert "the-hidden" not in str(wrong.value)


def test_a_webhook_without_a_receiver_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="to"):
        WebhookSettings.model_validate({"to": {}})
