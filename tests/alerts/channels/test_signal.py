import base64
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import structlog
from pydantic import ValidationError

from alerts.channels.fake_signal import CAPTCHA, NUMBER, FakeSignal
from alerts.channels.signal import SignalChannel
from alerts.channels.signal_answers import shown
from alerts.channels.signal_settings import SignalSettings
from alerts.clock import DrivenClock
from alerts.delivery import Accepted, Answer
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service
from tests.alerts.tellings import JPEG, SEEN, telling

MALEE = "+66812345789"
GROUP = "group." + base64.b64encode(b"OyZzqio1xDmYiLsQ1VsqRcUFOU4tK2TcECmYt2KeozHJwglMBHAPS7jlkrm=").decode()
IDENTITY = "3689ed97-01b2-4fa5-8ed8-18174ad5cf15"


class SignalService:
    """The Signal channel and a fake signal-cli-rest-api, with one person's phone."""

    photos = True
    address = MALEE
    secret = MALEE[1:]  # a number in full is as good as a secret

    def __init__(self, server: FakeSignal, number: str = NUMBER) -> None:
        self.server = server
        self.server.add(MALEE)
        self.clock = DrivenClock(SEEN + timedelta(seconds=4))
        self.channel = SignalChannel(SignalSettings(number=number, base_url=server.url), self.clock, httpx.Timeout(2))

    def shown(self) -> list[Seen]:
        return [Seen(shown.text, shown.photo) for shown in self.server.shows(MALEE)]

    def lose_the_message(self) -> None:
        self.server.lose(MALEE)

    def be_in_trouble(self) -> None:
        self.server.answer_next(500, {"error": "Internal Server Error"})

    def want_a_pause(self, pause: timedelta) -> None:
        self.server.answer_next(429, {"error": CAPTCHA.format(to=MALEE, seconds=int(pause.total_seconds()))})

    def shut_us_out(self) -> None:
        """Who blocks somebody at Signal is silent about it; who leaves is not."""
        self.server.leave(MALEE)

    def go_away(self) -> None:
        self.server.stop()


@pytest.fixture
def service() -> Iterator[SignalService]:
    server = FakeSignal(clock=lambda: SEEN.timestamp() + 4)
    server.start()
    service = SignalService(server)
    yield service
    service.channel.close()
    server.stop()


class TestSignal(ChannelContract):
    pass


def tell(service: Service, address: str = MALEE) -> Accepted:
    return service.channel.tell(telling(), address)


def test_what_goes_out_is_what_the_api_documents(service: SignalService) -> None:
    tell(service)
    (request,) = service.server.requests
    message = request.json()
    assert (request.method, request.path) == ("POST", "/v2/send")
    assert (message["number"], message["recipients"], message["text_mode"]) == (NUMBER, [MALEE], "normal")
    assert message["base64_attachments"] == [
        f"data:image/jpeg;filename=alert.jpg;base64,{base64.b64encode(JPEG).decode()}"
    ]


def test_the_message_id_is_the_timestamp_by_which_receipts_name_it(service: SignalService) -> None:
    accepted = tell(service)
    assert accepted.message_id == str(service.server.shows(MALEE)[0].timestamp)


def test_answers_without_buttons_leave_the_link(service: SignalService) -> None:
    link = "https://park.example/incursions/42"
    service.channel.tell(telling(answers=(Answer.READY,), link=link), MALEE)
    assert service.server.shows(MALEE)[0].text.endswith(link)


@pytest.mark.parametrize("address", [GROUP, IDENTITY], ids=["group", "identity"])
def test_groups_and_persons_who_hide_their_number_are_told(service: SignalService, address: str) -> None:
    service.server.add(address)
    tell(service, address)
    assert len(service.server.shows(address)) == 1


@pytest.mark.parametrize("address", ["malee", "0812345789", "group.", "group.a b", "+66 81 234 5789", ""])
def test_an_address_that_is_none_is_refused_without_asking(service: SignalService, address: str) -> None:
    with pytest.raises(Refused, match=r"expected a telephone number as \+66812345678, a group"):
        tell(service, address)
    assert service.server.requests == []


def test_a_group_that_the_gateway_is_not_in_is_refused(service: SignalService) -> None:
    with pytest.raises(Refused, match="no group"):
        tell(service, GROUP)


def test_a_person_with_a_new_phone_is_refused_until_somebody_trusts_it(service: SignalService) -> None:
    service.server.change_phone(MALEE)
    with pytest.raises(Refused, match="safety number of …789 has changed"):
        tell(service)


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (400, "Failed to send message due to untrusted identities", "safety number"),
        (400, f'Failed to send (some) messages:\n{MALEE}: Unregistered user "{MALEE}"\n1\n', "…789 is not at Signal"),
        (400, "User is not a member in group: Rangers (abc=)", "is no member of it"),
        (400, "User is not allowed to send to group: Rangers (abc=)", "no group"),
        (400, "Invalid group id", "no group"),
    ],
    ids=["identity in json-rpc", "left", "not a member", "only admins write", "no id"],
)
def test_what_concerns_one_address_for_ever_is_refused(
    service: SignalService, status: int, error: str, sentence: str
) -> None:
    service.server.answer_next(status, {"error": error})
    with pytest.raises(Refused, match=sentence):
        tell(service)


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (400, {"error": "Specified account does not exist"}, r"channels\.signal a number that is registered"),
        (400, {"error": "[403] Authorization failed!"}, r"channels\.signal a number that is registered"),
        (400, {"error": "Number not registered with JSON-RPC"}, r"channels\.signal a number that is registered"),
        (401, b"<html>who are you</html>", r"channels\.signal the base_url"),
        (403, b"", r"channels\.signal the base_url"),
        (404, b"404 page not found", r"channels\.signal the base_url"),
        (400, {"error": "Failed to send message"}, "Failed to send message"),
        (400, {"error": "Connection closed unexpectedly, reconnecting"}, "Connection closed"),
        (400, b"not JSON", "HTTP 400"),
        (400, ["not an object"], "HTTP 400"),
        (502, b"<html>", "in trouble"),
        (201, {"time": 1}, "cannot be read"),
        (201, b"", "cannot be read"),
    ],
)
def test_what_may_pass_or_be_mended_is_busy(service: SignalService, status: int, body: object, sentence: str) -> None:
    service.server.answer_next(status, body)
    with pytest.raises(Busy, match=sentence):
        tell(service)


def test_another_number_than_the_registered_one_is_for_the_settings_to_mend() -> None:
    with FakeSignal() as server:
        service = SignalService(server, number="+66800000002")
        with pytest.raises(Busy, match=r"…002 is not registered.*channels\.signal"):
            tell(service)
        service.channel.close()


def test_a_rate_limit_in_the_words_of_older_versions_is_busy_too(service: SignalService) -> None:
    service.server.answer_next(400, {"error": CAPTCHA.format(to=MALEE, seconds=90)})
    with pytest.raises(Busy, match=r"a riddle solved .* challenge token 26ccfae6-4fc1") as busy:
        tell(service)
    assert busy.value.retry_after == timedelta(seconds=90)


def test_a_limit_of_a_day_is_tried_after_ten_minutes_since_a_person_may_have_lifted_it(service: SignalService) -> None:
    service.want_a_pause(timedelta(days=1))
    with pytest.raises(Busy) as busy:
        tell(service)
    assert busy.value.retry_after == timedelta(minutes=10)


def test_a_limit_that_names_no_time_leaves_it_to_us(service: SignalService) -> None:
    service.server.answer_next(429, {"error": "Failed to send message due to rate limiting"})
    with pytest.raises(Busy) as busy:
        tell(service)
    assert busy.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, {"error": "Failed to upload attachment: too large"}), (413, b"")],
    ids=["signal-cli", "a proxy"],
)
def test_a_photo_that_is_not_taken_leaves_the_words(service: SignalService, status: int, body: object) -> None:
    service.server.answer_next(status, body)
    with structlog.testing.capture_logs() as logs:
        accepted = tell(service)
    assert ([seen.photo for seen in service.shown()], accepted.with_photo) == ([None], False)
    assert [log["log_level"] for log in logs] == ["warning"]


def test_an_answer_that_does_not_come_is_busy() -> None:
    with FakeSignal() as server:
        channel = SignalChannel(SignalSettings(number=NUMBER, base_url=server.url), patience=httpx.Timeout(0.2))
        released = server.stall_next()
        with pytest.raises(Busy, match="did not answer in time"):
            channel.tell(telling(), MALEE)
        released.set()
        channel.close()


def test_a_message_is_withdrawn_with_its_photo(service: SignalService) -> None:
    first, second = tell(service), tell(service)
    service.channel.withdraw(MALEE, first)
    assert [str(shown.timestamp) for shown in service.server.shows(MALEE)] == [second.message_id]
    assert service.server.requests[-1].path == "/v1/remote-delete/%2B66800000001"


def test_a_message_that_is_gone_already_is_withdrawn(service: SignalService) -> None:
    earlier = tell(service)
    service.lose_the_message()
    service.channel.withdraw(MALEE, earlier)
    assert service.server.requests[-1].method == "DELETE"


def test_a_message_of_yesterday_stays_and_that_is_said(service: SignalService) -> None:
    earlier = tell(service)
    service.clock.pass_by(timedelta(hours=24))
    with pytest.raises(Refused, match="less than 24 hours ago"):
        service.channel.withdraw(MALEE, earlier)
    assert len(service.server.requests) == 1


def test_a_server_too_old_to_withdraw_is_named(service: SignalService) -> None:
    earlier = tell(service)
    service.server.answer_next(404, b"404 page not found")
    with pytest.raises(Busy, match=r"0\.95 or newer"):
        service.channel.withdraw(MALEE, earlier)


def test_no_number_and_no_identity_is_shown_whole() -> None:
    said = shown(f'Failed:\n{MALEE}: Untrusted Identity for "{IDENTITY}" at 1612345678901' + "x" * 300)
    assert said.startswith('Failed: …789: Untrusted Identity for "…" at …901')
    assert len(said) == 200


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "number"),
        ({"number": "0812345678"}, "number"),
        ({"number": f"call {NUMBER}"}, "number"),
        ({"number": NUMBER, "base_url": "127.0.0.1:8080"}, "base_url"),
        ({"number": NUMBER, "base_url": "http://user:pass@signal"}, "base_url"),
        ({"number": NUMBER, "poll_s": 0}, "poll_s"),
        ({"number": NUMBER, "token": "x"}, "token"),
    ],
    ids=["no number", "no country", "more than a number", "no scheme", "a password in it", "no pause", "unknown"],
)
def test_wrong_settings_are_told(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        SignalSettings.model_validate(settings)
