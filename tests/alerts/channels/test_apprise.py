import logging
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.channels.apprise import AppriseChannel
from alerts.channels.apprise_log import Hiding
from alerts.channels.apprise_settings import AppriseSettings
from alerts.channels.fake_http import Answered, FakeHttp, Request
from alerts.channels.fake_ntfy import FakeNtfy
from alerts.clock import DrivenClock
from alerts.delivery import Accepted
from alerts.errors import Busy, Refused
from tests.alerts.channels.channel_contract import ChannelContract, Seen, Service, with_photo
from tests.alerts.tellings import JPEG, SEEN, telling

PASSWORD = "the-receivers-password"  # noqa: S105 - of a receiver that does not exist
PATH = "the-hidden-path"
NAME = "hall"


class AppriseService:
    """The Apprise channel and a receiver of its JSON: https://appriseit.com/services/json/."""

    photos = True
    address = NAME
    secret = PASSWORD

    def __init__(self) -> None:
        self.taken: list[Request] = []
        self.server = FakeHttp(self._answered)
        self.server.start()
        host = self.server.url.removeprefix("http://")
        self.channel = AppriseChannel(
            AppriseSettings.model_validate({"urls": {NAME: f"json://sambar:{PASSWORD}@{host}/{PATH}"}}),
            DrivenClock(SEEN + timedelta(seconds=4)),
        )

    def _answered(self, request: Request) -> Answered:
        self.taken.append(request)
        return Answered(200, {})

    def shown(self) -> list[Seen]:
        return [_seen(request.json()) for request in self.taken]

    def lose_the_message(self) -> None:
        self.taken.pop()

    def be_in_trouble(self) -> None:
        for _ in ("with the photo", "the words alone"):
            self.server.answer_next(500, {})

    def want_a_pause(self, pause: timedelta) -> None:
        for _ in ("with the photo", "the words alone"):
            self.server.answer_next(429, {}, retry_after=str(int(pause.total_seconds())))

    def shut_us_out(self) -> None:
        for _ in ("with the photo", "the words alone"):
            self.server.answer_next(410, {})

    def go_away(self) -> None:
        self.server.stop()

    def close(self) -> None:
        self.channel.close()
        self.server.stop()


def _seen(payload: dict[str, Any]) -> Seen:
    photos = [b64decode(each["base64"]) for each in payload["attachments"]]
    return Seen(f"{payload['title']}\n{payload['message']}", photos[0] if photos else None)


@pytest.fixture
def service() -> Iterator[AppriseService]:
    service = AppriseService()
    yield service
    service.close()


class TestApprise(ChannelContract):
    def test_one_too_many_is_busy_with_the_services_own_wish(self, service: Service) -> None:
        """Without the wish: Apprise does not hand it on."""
        service.want_a_pause(timedelta(seconds=35))
        with pytest.raises(Busy) as busy:
            service.channel.tell(with_photo(JPEG), service.address)
        assert busy.value.retry_after is None

    def test_a_person_who_wants_no_messages_is_refused(self, service: Service) -> None:
        """Busy: Apprise does not say why it could not send."""
        service.shut_us_out()
        with pytest.raises(Busy, match="check the URL"):
            service.channel.tell(with_photo(JPEG), service.address)


@pytest.mark.parametrize(("quiet", "kind"), [(False, "warning"), (True, "info")], ids=["loud", "quiet"])
def test_what_is_loud_is_a_warning(service: AppriseService, quiet: bool, kind: str) -> None:
    service.channel.tell(telling(quiet=quiet, link="https://park.example/42"), NAME)
    told = service.taken[0].json()
    assert (told["type"], told["message"].splitlines()[-1]) == (kind, "https://park.example/42")


def test_what_is_not_taken_with_its_photo_goes_as_words_alone(service: AppriseService) -> None:
    service.server.answer_next(413, {})
    accepted = service.channel.tell(telling(), NAME)
    (seen,) = service.shown()
    assert (seen.photo, accepted.with_photo) == (None, False)


def test_a_service_that_takes_no_files_is_sent_the_words_alone(service: AppriseService) -> None:
    host = service.server.url.removeprefix("http://")
    channel = AppriseChannel(AppriseSettings.model_validate({"urls": {"chat": f"gotify://{host}/{PASSWORD}"}}))
    assert channel.tell(telling(), "chat").with_photo is False
    assert len(service.taken) == 1
    channel.close()


def test_another_of_apprises_services_is_reached_too() -> None:
    with FakeNtfy(token=None) as server:
        host = server.url.removeprefix("http://")
        channel = AppriseChannel(AppriseSettings.model_validate({"urls": {"n": f"ntfy://{host}/khao-yai"}}))
        channel.tell(telling(photo=None, has_photo=False), "n")
        channel.close()
        assert server.shows("khao-yai")[0].title == "2 persons · North gate"


def test_a_name_that_is_not_in_the_settings_is_busy_and_asks_nobody(service: AppriseService) -> None:
    with pytest.raises(Busy, match=r"no channels\.apprise\.urls\.other; expected one of: hall"):
        service.channel.tell(telling(), "other")
    assert service.server.requests == []


def test_what_was_sent_cannot_be_taken_back(service: AppriseService) -> None:
    with pytest.raises(Refused, match="cannot take back"):
        service.channel.withdraw(NAME, Accepted("x", with_photo=True))


def test_no_piece_of_a_url_is_in_any_log_and_the_reason_of_a_failure_is(
    service: AppriseService, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        service.channel.tell(telling(), NAME)
        service.server.answer_next(401, {"error": PATH})
        service.server.answer_next(401, {"error": PATH})
        with pytest.raises(Busy):
            service.channel.tell(telling(), NAME)
    assert "error=401" in caplog.text
    assert PATH not in caplog.text
    assert PASSWORD not in caplog.text


def test_pieces_of_urls_are_hidden_as_they_are_and_decoded() -> None:
    hiding = Hiding(["tgram://12345:AbC-dEf/-100987/?to=p%40ss"])
    assert hiding.hidden("sent AbC-dEf to -100987 by 12345 and p@ss, p%40ss") == "sent … to … by … and …, …"
    assert Hiding([]).hidden("as it is") == "as it is"


def test_a_url_that_apprise_cannot_read_is_told_at_the_start_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    settings = AppriseSettings.model_validate({"urls": {NAME: "pigeon://the-hidden-loft"}})
    with pytest.raises(ValueError, match=r"channels\.apprise\.urls\.hall: expected a URL that Apprise can read"):
        AppriseChannel(settings)
    assert "the-hidden-loft" not in caplog.text


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "expected one of urls and urls_file"),
        ({"urls": {}}, "expected at least one NAME"),
        ({"urls": {"hall": "the-hidden"}}, "urls.hall: expected an Apprise URL"),
        ({"urls": {"hall": "json://x"}, "urls_file": "/x"}, "expected one of urls and urls_file"),
        ({"urls_file": "/nowhere"}, "urls_file: /nowhere; expected lines"),
    ],
)
def test_wrong_settings_are_told_without_the_urls(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        AppriseSettings.model_validate(settings)
    assert sentence in str(wrong.value)
    assert "the-hidden" not in str(wrong.value)


@pytest.mark.parametrize("content", ['hall = the-hidden"', "hall = 1", "[hall]\nx = 'the-hidden'"])
def test_a_file_that_holds_no_urls_is_told_without_its_words(tmp_path: Path, content: str) -> None:
    file = tmp_path / "urls.toml"
    file.write_text(content)
    with pytest.raises(ValidationError, match="expected lines NAME") as wrong:
        AppriseSettings(urls_file=file)
    assert "the-hidden" not in str(wrong.value)


def test_the_urls_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "urls.toml"
    file.write_text('hall = "json://x.example/"\n')
    assert AppriseSettings(urls_file=file).read_urls() == {"hall": "json://x.example/"}
