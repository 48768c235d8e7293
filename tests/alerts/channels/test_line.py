import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels.fake_line import SECRET, TOKEN, FakeLine
from alerts.channels.line import LineChannel
from alerts.channels.line_settings import LineSettings
from alerts.channels.line_wire import Patience
from alerts.clock import DrivenClock
from alerts.delivery import Accepted, Answer, Telling
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, with_photo
from tests.alerts.tellings import JPEG, SEEN, telling

USER = "U" + "4af4980629" * 3 + "ab"
GROUP = "C" + "4af4980629" * 3 + "ab"
STRANGER = "U" + "f" * 32


def settings(server: FakeLine, token: str = TOKEN) -> LineSettings:
    return LineSettings(access_token=SecretStr(token), secret=SecretStr(SECRET), base_url=server.url)


class Published(LineChannel):
    """With the park's own pages, where LINE's apps fetch the photos of what was told."""

    def __init__(self, server: FakeLine, token: str = TOKEN) -> None:
        super().__init__(
            settings(server, token), DrivenClock(SEEN + timedelta(seconds=4)), Patience(connect_s=2, read_s=2)
        )
        self.pages: dict[str, bytes] = {}

    def tell(self, telling: Telling, address: str) -> Accepted:
        if telling.photo is not None and telling.photo_url is not None:
            self.pages[telling.photo_url] = telling.photo
        return super().tell(telling, address)


class LineService:
    photos = True
    address = USER
    secret = TOKEN

    def __init__(self, server: FakeLine, token: str = TOKEN) -> None:
        self.server = server
        self.server.add(USER)
        self.channel = Published(server, token)

    def shown(self, chat: str = USER) -> list[Seen]:
        """What came by one request is one message to the person."""
        seen: list[Seen] = []
        for shown in self.server.shows(chat):
            if shown.kind == "text":
                seen.append(Seen(shown.source["text"], None))
            elif shown.kind == "image":
                seen[-1] = Seen(seen[-1].text, self.channel.pages[shown.source["originalContentUrl"]])
        return seen

    def lose_the_message(self) -> None:
        self.server.unsend(USER)

    def be_in_trouble(self) -> None:
        self.server.answer_next(500, {"message": "Internal server error"})

    def want_a_pause(self, pause: timedelta) -> None:
        # https://developers.line.biz/en/reference/messaging-api/#error-messages; the header is RFC 9110's
        words = {"message": "The API rate limit has been exceeded. Try again later."}
        self.server.answer_next(429, words, retry_after=str(int(pause.total_seconds())))

    def shut_us_out(self) -> None:
        self.server.block(USER)

    def go_away(self) -> None:
        self.server.stop()


@pytest.fixture
def service() -> Iterator[LineService]:
    loud = [logging.getLogger(name) for name in ("urllib3", "linebot.v3.messaging")]  # the library hushes both
    with FakeLine() as server:
        service = LineService(server)
        for logger in loud:
            logger.setLevel(logging.DEBUG)
        yield service
        service.channel.close()
        for logger in loud:
            logger.setLevel(logging.WARNING)


class TestLine(ChannelContract):
    pass


def pushed(service: LineService) -> list[dict[str, Any]]:
    return [request.json() for request in service.server.requests if request.path == "/v2/bot/message/push"]


def test_words_photo_and_buttons_go_in_one_request(service: LineService) -> None:
    service.channel.tell(with_photo(JPEG, answers=(Answer.SEEN, Answer.FALSE_ALARM)), USER)
    (request,) = pushed(service)
    assert [message["type"] for message in request["messages"]] == ["text", "image", "template"]


def test_a_button_carries_the_delivery_and_the_answer_and_shows_the_chat_who_pressed(service: LineService) -> None:
    service.channel.tell(telling(delivery=77, answers=(Answer.FALSE_ALARM,)), USER)
    (action,) = service.server.shows(USER)[-1].source["template"]["actions"]
    assert action == {
        "type": "postback",
        "label": "False alarm",
        "data": "sambar:77:false-alarm",
        "displayText": "False alarm",
    }


def test_more_answers_than_one_template_holds_go_on_in_the_next(service: LineService) -> None:
    service.channel.tell(telling(answers=tuple(Answer)[:6]), USER)
    templates = [shown.source["template"] for shown in service.server.shows(USER) if shown.kind == "template"]
    assert [len(template["actions"]) for template in templates] == [4, 2]


def test_a_photo_without_an_https_address_leaves_the_words(service: LineService) -> None:
    accepted = service.channel.tell(telling(photo_url="http://10.0.0.7/p.jpg"), USER)
    assert ([shown.kind for shown in service.server.shows(USER)], accepted.with_photo) == (["text"], False)


def test_a_photo_that_is_too_large_leaves_the_words(service: LineService) -> None:
    accepted = service.channel.tell(with_photo(JPEG + bytes(1_000_000)), USER)
    assert ([shown.kind for shown in service.server.shows(USER)], accepted.with_photo) == (["text"], False)


def test_a_photo_whose_address_is_not_taken_leaves_the_words(service: LineService) -> None:
    accepted = service.channel.tell(telling(photo_url="https://park.example.org/a b.jpg"), USER)
    assert ([shown.kind for shown in service.server.shows(USER)], accepted.with_photo) == (["text"], False)


@pytest.mark.parametrize("quiet", [True, False])
def test_what_is_quiet_comes_without_a_notification(service: LineService, *, quiet: bool) -> None:
    service.channel.tell(telling(quiet=quiet), USER)
    (shown,) = service.server.shows(USER)
    assert shown.quiet is quiet


def test_a_lost_answer_does_not_tell_twice(service: LineService) -> None:
    service.server.lose_next_answer()
    with pytest.raises(Busy):
        service.channel.tell(telling(), USER)
    accepted = service.channel.tell(telling(), USER)
    (shown,) = service.server.shows(USER)
    assert accepted.message_id == shown.message_id


def test_a_lost_answer_does_not_tell_twice_after_a_restart_of_the_gateway(service: LineService) -> None:
    service.server.lose_next_answer()
    with pytest.raises(Busy):
        service.channel.tell(telling(), USER)
    restarted = LineChannel(settings(service.server), DrivenClock(SEEN + timedelta(minutes=3)))
    restarted.tell(telling(), USER)
    restarted.close()
    assert len(service.server.shows(USER)) == 1


def test_a_retry_is_the_same_request_though_time_has_passed(service: LineService) -> None:
    clock = DrivenClock(SEEN)
    channel = LineChannel(settings(service.server), clock)
    service.be_in_trouble()
    with pytest.raises(Busy):
        channel.tell(telling(), USER)
    clock.pass_by(timedelta(minutes=1))
    channel.tell(telling(), USER)
    channel.close()
    first, second = pushed(service)
    assert first == second


def test_an_answer_without_sent_messages_is_known_by_the_accepted_request(service: LineService) -> None:
    service.server.answer_next(
        409,
        {"message": "The retry key is already accepted"},
        x_line_accepted_request_id="123e4567-e89b-12d3-a456-426655440001",
    )
    accepted = service.channel.tell(telling(), USER)
    assert accepted.message_id == "123e4567-e89b-12d3-a456-426655440001"


def test_other_news_of_the_same_delivery_is_told(service: LineService) -> None:
    service.channel.tell(telling(revision=1), USER)
    service.channel.tell(telling(revision=2), USER)
    assert len(service.server.shows(USER)) == 2


def test_a_group_is_told(service: LineService) -> None:
    service.server.add(GROUP, members=5)
    service.channel.tell(telling(), GROUP)
    assert (len(service.server.shows(GROUP)), service.server.used) == (1, 5)


def test_a_group_that_the_account_is_not_in_is_refused(service: LineService) -> None:
    with pytest.raises(Refused, match="knows no such user or group"):
        service.channel.tell(telling(), GROUP)


def test_a_user_of_another_provider_is_refused_with_what_is_expected(service: LineService) -> None:
    with pytest.raises(Refused, match="an id that LINE has sent to this channel's webhook"):
        service.channel.tell(telling(), STRANGER)


def test_somebody_who_has_blocked_the_account_is_refused_though_line_takes_the_message(service: LineService) -> None:
    service.server.block(USER)
    with pytest.raises(Refused, match="has blocked the official account"):
        service.channel.tell(telling(), USER)
    assert service.server.shows(USER) == []


def test_what_was_taken_is_accepted_though_the_profile_cannot_be_had(service: LineService) -> None:
    service.server.profiles_fail = True
    assert service.channel.tell(telling(), USER).message_id


@pytest.mark.parametrize("address", ["malee", "U123", USER.upper(), "+66812345678", ""])
def test_an_address_that_is_no_id_is_refused_without_asking(service: LineService, address: str) -> None:
    with pytest.raises(Refused, match="expected the id of a LINE user, group or room"):
        service.channel.tell(telling(), address)
    assert service.server.requests == []


def test_a_wrong_token_is_busy_with_what_to_do() -> None:
    with FakeLine() as server:
        service = LineService(server, token="an-old-one")  # noqa: S106 - of no account
        with pytest.raises(Busy, match=r"expected in channels\.line the one that the LINE Developers Console shows"):
            service.channel.tell(telling(), USER)
        service.channel.close()


def test_a_plan_that_does_not_allow_it_is_busy(service: LineService) -> None:
    service.server.answer_next(403, {"message": "Access to this API is not available for your account"})
    with pytest.raises(Busy, match=r"channels\.line: look at the official account's plan"):
        service.channel.tell(telling(), USER)


def test_a_month_that_is_used_up_is_busy_for_an_hour() -> None:
    with FakeLine(limit=1) as server:
        service = LineService(server)
        service.channel.tell(telling(), USER)
        with pytest.raises(Busy, match=r"used up; channels\.line: the official account needs a larger plan") as busy:
            service.channel.tell(telling(revision=2), USER)
        service.channel.close()
    assert busy.value.retry_after == timedelta(hours=1)


def test_a_quota_that_is_held_back_by_another_message_is_busy_for_a_minute() -> None:
    with FakeLine(limit=500) as server:
        service = LineService(server)
        server.held_back = True
        with pytest.raises(Busy, match="0 of 500 used") as busy:
            service.channel.tell(telling(), USER)
        service.channel.close()
    assert busy.value.retry_after == timedelta(minutes=1)


def test_an_unknown_refusal_is_refused_in_lines_words(service: LineService) -> None:
    service.server.answer_next(
        400, {"message": "The request body has 1 error(s)", "details": [{"message": "new", "property": "messages[0]"}]}
    )
    with pytest.raises(Refused, match=r"1 error\(s\); messages\[0\]: new \(400\)"):
        service.channel.tell(telling(), USER)


@pytest.mark.parametrize("body", [b"<html>Sign in to this hotel</html>", b"\xff\xfe", b"{}", b""])
@pytest.mark.parametrize("status", [200, 302, 502])
def test_an_answer_that_is_not_lines_is_no_acceptance(service: LineService, status: int, body: bytes) -> None:
    service.server.answer_next(status, body)
    with pytest.raises((Busy, Refused)):
        service.channel.tell(telling(), USER)


def test_an_answer_that_does_not_come_is_busy() -> None:
    with FakeLine() as server:
        channel = LineChannel(settings(server), patience=Patience(connect_s=1, read_s=0.2))
        released = server.stall_next()
        with pytest.raises(Busy, match="did not answer in time"):
            channel.tell(telling(), USER)
        released.set()
        channel.close()


def test_what_was_sent_cannot_be_withdrawn(service: LineService) -> None:
    accepted = service.channel.tell(telling(), USER)
    with pytest.raises(Refused, match="lets no official account delete"):
        service.channel.withdraw(USER, accepted)


def test_a_check_says_the_accounts_name(service: LineService) -> None:
    assert service.channel.check() == "Khao Yai alerts"


def test_both_secrets_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    read = LineSettings(access_token_file=tmp_path / "token", secret_file=tmp_path / "secret")
    assert (read.read_access_token(), read.read_channel_secret()) == (TOKEN, SECRET)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"secret": "s"}, "expected one of access_token and access_token_file"),
        ({"access_token": "the-secret"}, "expected one of secret and secret_file"),
        ({"access_token": "the-secret", "access_token_file": "/x", "secret": "s"}, "expected one of access_token"),
        ({"access_token": "the-secret and more", "secret": "s"}, "expected what the LINE Developers Console shows"),
        ({"access_token": "the-secret", "secret_file": "/nowhere"}, "secret_file: /nowhere"),
        ({"access_token": "the-secret", "secret": "s", "base_url": "line.me"}, "base_url"),
    ],
    ids=["no token", "no secret", "two tokens", "a space in it", "no file", "no scheme"],
)
def test_wrong_settings_are_told_without_the_secret(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        LineSettings.model_validate(given)
    assert sentence in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(LineSettings(access_token=SecretStr(TOKEN), secret=SecretStr(SECRET)))
    assert not {TOKEN, SECRET} & set(shown.replace("'", " ").split())
