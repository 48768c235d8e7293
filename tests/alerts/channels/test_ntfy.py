from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels.fake_ntfy import KEEPS_FILES_S, TOKEN, FakeNtfy, Shown
from alerts.channels.ntfy import NtfyChannel, fitting
from alerts.channels.ntfy_settings import NtfySettings
from alerts.clock import DrivenClock
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service, assert_says
from tests.alerts.tellings import JPEG, SEEN, notice, telling

TOPIC = "khao-yai-8Hf2kQz0"


class NtfyService:
    """The ntfy channel and a fake ntfy server, with one phone that follows one topic."""

    photos = True
    address = TOPIC
    secret = TOPIC

    def __init__(self, **settings: Any) -> None:
        self.clock = DrivenClock(SEEN + timedelta(seconds=4))
        self.server = FakeNtfy(clock=lambda: self.clock.now().timestamp())
        self.server.start()
        self.channel = NtfyChannel(
            NtfySettings.model_validate({"url": self.server.url, "token": TOKEN} | settings), self.clock, timeout=5
        )

    def phone(self) -> list[Shown]:
        return self.server.shows(TOPIC)

    def shown(self) -> list[Seen]:
        return [Seen(f"{each.title}\n{each.message}", each.attachment) for each in self.phone()]

    def lose_the_message(self) -> None:
        self.server.swipe(TOPIC)

    def be_in_trouble(self) -> None:
        self.server.answer_next(500, {"code": 50001, "http": 500, "error": "internal server error"})

    def want_a_pause(self, pause: timedelta) -> None:
        # ntfy itself names no time; the proxies before it do: RFC 9110, section 10.2.3.
        limit = {"code": 42901, "http": 429, "error": "limit reached: too many requests, please be nice"}
        self.server.answer_next(429, limit, retry_after=str(int(pause.total_seconds())))

    def shut_us_out(self) -> None:
        self.server.disallow(TOPIC)

    def go_away(self) -> None:
        self.server.stop()

    def close(self) -> None:
        self.channel.close()
        self.server.stop()


@pytest.fixture
def service() -> Iterator[NtfyService]:
    service = NtfyService()
    yield service
    service.close()


class TestNtfy(ChannelContract):
    def test_a_message_that_is_gone_is_told_anew(self, service: Service) -> None:
        """Under the id that it had: what is published under a sequence id is shown, whatever became of the last."""
        earlier = service.channel.tell(telling(), service.address)
        service.lose_the_message()
        accepted = service.channel.edit(telling(counts={"person": 9}), service.address, earlier)
        (seen,) = service.shown()
        assert_says(seen, "9 persons", "North gate")
        assert accepted == earlier


def test_an_alert_is_loud_and_opens_the_page(service: NtfyService) -> None:
    service.channel.tell(telling(link="https://park.example/incursions/42"), TOPIC)
    (shown,) = service.phone()
    assert (shown.priority, shown.tags, shown.click) == (5, ("rotating_light",), "https://park.example/incursions/42")
    assert shown.title == "2 persons · North gate"


def test_a_quiet_alert_makes_no_sound(service: NtfyService) -> None:
    service.channel.tell(telling(quiet=True), TOPIC)
    assert service.phone()[0].priority == 2


def test_an_edit_makes_no_sound(service: NtfyService) -> None:
    earlier = service.channel.tell(telling(), TOPIC)
    service.channel.edit(telling(counts={"person": 9}), TOPIC, earlier)
    assert [shown.priority for shown in service.phone()] == [2]


def test_a_notice_is_told_apart_by_its_sign(service: NtfyService) -> None:
    service.channel.tell(notice(), TOPIC)
    assert service.phone()[0].tags == ("information_source",)


def test_a_photo_that_is_on_the_server_is_not_sent_again(service: NtfyService) -> None:
    earlier = service.channel.tell(telling(), TOPIC)
    service.channel.edit(telling(counts={"person": 9}), TOPIC, earlier)
    assert service.server.uploads == 1
    assert service.phone()[0].attachment == JPEG


def test_a_photo_that_the_server_has_dropped_is_sent_again(service: NtfyService) -> None:
    earlier = service.channel.tell(telling(), TOPIC)
    service.clock.pass_by(timedelta(seconds=KEEPS_FILES_S + 1))
    accepted = service.channel.edit(telling(counts={"person": 9}), TOPIC, earlier)
    assert (service.phone()[0].attachment, accepted.with_photo, service.server.uploads) == (JPEG, True, 2)


def test_a_better_photo_that_is_not_taken_leaves_the_one_that_is_there(service: NtfyService) -> None:
    earlier = service.channel.tell(telling(), TOPIC)
    service.server.largest = 0
    accepted = service.channel.edit(telling(photo=JPEG + JPEG, counts={"person": 9}), TOPIC, earlier)
    (shown,) = service.phone()
    assert (shown.attachment, shown.title, accepted) == (JPEG, "9 persons · North gate", earlier)


@pytest.mark.parametrize("largest", [0, 10], ids=["none allowed", "too large"])
def test_a_photo_that_is_not_taken_leaves_the_words(service: NtfyService, largest: int) -> None:
    service.server.largest = largest
    accepted = service.channel.tell(telling(), TOPIC)
    assert (service.phone()[0].attachment, accepted.with_photo) == (None, False)


def test_a_server_that_takes_not_even_the_words_is_refused(service: NtfyService) -> None:
    service.server.answer_next(413, b"a proxy's page")
    with pytest.raises(Refused, match="not even the words"):
        service.channel.tell(telling(photo=None), TOPIC)


def test_words_beyond_ntfys_limit_are_cut_between_two_letters() -> None:
    cut = fitting("ခ" * 2_000)
    assert (cut.strip("ခ"), 3_990 < len(cut.encode()) <= 4_096) == ("…", True)


def test_a_server_that_cannot_replace_is_sent_no_edits(service: NtfyService) -> None:
    service.server.replaces = False
    earlier = service.channel.tell(telling(), TOPIC)
    assert service.channel.edit(telling(counts={"person": 9}), TOPIC, earlier) == earlier
    assert [shown.title for shown in service.phone()] == ["2 persons · North gate"]


def test_where_phones_cannot_replace_no_edits_are_sent() -> None:
    service = NtfyService(edits=False)
    earlier = service.channel.tell(telling(), TOPIC)
    service.channel.edit(telling(counts={"person": 9}), TOPIC, earlier)
    assert [shown.title for shown in service.phone()] == ["2 persons · North gate"]
    service.close()


def test_a_notification_that_is_withdrawn_leaves_the_phone(service: NtfyService) -> None:
    earlier = service.channel.tell(telling(), TOPIC)
    service.channel.withdraw(TOPIC, earlier)
    service.channel.withdraw(TOPIC, earlier)  # one that is gone already is no error
    assert service.phone() == []


def test_a_server_that_cannot_delete_says_so(service: NtfyService) -> None:
    service.server.replaces = False
    earlier = service.channel.tell(telling(), TOPIC)
    with pytest.raises(Refused, match=r"before 2\.16 cannot take a notification back"):
        service.channel.withdraw(TOPIC, earlier)


@pytest.mark.parametrize("settings", [{"token": "tk_wrong"}, {"token": None}], ids=["wrong", "none"])
def test_a_token_that_may_not_write_is_busy_until_the_settings_are_mended(settings: dict[str, Any]) -> None:
    service = NtfyService(**settings)
    with pytest.raises(Busy, match=r"expected in channels\.ntfy the token of a user who may"):
        service.channel.tell(telling(), TOPIC)
    service.close()


def test_an_address_without_a_server_is_busy_until_the_settings_are_mended(service: NtfyService) -> None:
    channel = NtfyChannel(NtfySettings(url=f"{service.server.url}/a/b/c", token=SecretStr(TOKEN)))
    with pytest.raises(Busy, match=r"there is no ntfy behind channels\.ntfy\.url"):
        channel.tell(telling(), TOPIC)
    channel.close()


@pytest.mark.parametrize("status", [502, 503, 507])
def test_trouble_on_the_servers_side_is_busy(service: NtfyService, status: int) -> None:
    service.server.answer_next(status, b"<html>")
    with pytest.raises(Busy, match=str(status)):
        service.channel.tell(telling(), TOPIC)


def test_an_unknown_refusal_is_refused_by_its_number(service: NtfyService) -> None:
    service.server.answer_next(400, {"code": 40099, "http": 400, "error": f"something new about {TOPIC}"})
    with pytest.raises(Refused, match="400, error 40099") as refused:
        service.channel.tell(telling(), TOPIC)
    assert TOPIC not in str(refused.value)


@pytest.mark.parametrize("topic", ["", "a/b", "khao yai", "ก", "x" * 65, "topic\n"])
def test_an_address_that_is_no_topic_is_refused_without_asking(service: NtfyService, topic: str) -> None:
    with pytest.raises(Refused, match="expected a topic of ntfy"):
        service.channel.tell(telling(), topic)
    assert service.server.requests == []


def test_the_token_is_in_no_log(service: NtfyService, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        service.channel.tell(telling(), TOPIC)
    assert caplog.records
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"url": "ntfy.sh"}, "url"),
        ({"url": "https://user:pass@ntfy.sh"}, "url"),
        ({"token": "the-secret with a space"}, "token: expected an access token"),
        ({"token": "the-secret", "token_file": "/x"}, "expected one of token and token_file"),
        ({"token_file": "/nowhere"}, "token_file: /nowhere; expected a file"),
    ],
)
def test_wrong_settings_are_told_without_the_token(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        NtfySettings.model_validate(settings)
    assert sentence in str(wrong.value)
    assert "the-secret" not in str(wrong.value)


def test_the_token_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert NtfySettings(token_file=tmp_path / "token").read_token() == TOKEN
