"""What every channel promises, as tests. A subclass says by its `service` fixture which channel it is about."""

import logging
import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import pytest

from alerts import Channel
from alerts.errors import Busy, ChannelError, Refused
from tests.alerts.tellings import JPEG, telling

NAMES = {
    "Thai": "ประตูเหนือ คลองอีเฒ่า",
    "Khmer": "ច្រកខាងជើង",
    "Lao": "ປະຕູທາງເໜືອ",
    "Burmese": "မြောက်ဘက်တံခါး",
    "Vietnamese": "Cổng phía Bắc Đồng Nai",
    "Malay": "Gerbang Utara",
}
HOSTILE = "<b>gate</b> & <a href='x'>_*[`~>#+-=|{}.!"


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as the person sees it."""

    text: str
    photo: bytes | None


class Service(Protocol):
    """A channel and the other side of it."""

    @property
    def channel(self) -> Channel: ...

    address: str
    secret: str
    """That no log may hold."""

    def shown(self) -> list[Seen]:
        """The messages at `address`, oldest first."""
        ...

    def lose_the_message(self) -> None:
        """The person deletes the last message."""
        ...

    def be_in_trouble(self) -> None:
        """The next request meets a server error."""
        ...

    def want_a_pause(self, pause: timedelta) -> None:
        """The next request is one too many."""
        ...

    def shut_us_out(self) -> None:
        """The person wants no messages of ours any more."""
        ...

    def go_away(self) -> None:
        """Nothing answers any more."""
        ...


class ChannelContract:
    def test_words_reach_the_person(self, service: Service) -> None:
        service.channel.tell(telling(photo=None, has_photo=False), service.address)
        (seen,) = service.shown()
        assert seen.text.startswith("2 persons · North gate\nThu 5 Mar 03:40:12")
        assert seen.photo is None

    def test_the_photo_reaches_the_person_as_it_is_with_the_words(self, service: Service) -> None:
        photo = JPEG[:-2] + bytes(range(256)) * 40 + b"\r\n--\r\n" + JPEG[-2:]
        accepted = service.channel.tell(telling(photo=photo), service.address)
        (seen,) = service.shown()
        assert seen.photo == photo
        assert "North gate" in seen.text
        assert accepted.with_photo is True

    def test_a_text_gains_its_photo_in_the_same_message(self, service: Service) -> None:
        earlier = service.channel.tell(telling(photo=None, has_photo=False), service.address)
        accepted = service.channel.edit(telling(revision=2), service.address, earlier)
        (seen,) = service.shown()
        assert (seen.photo, accepted.with_photo, accepted.message_id) == (JPEG, True, earlier.message_id)
        assert "no photo yet" not in seen.text

    def test_an_edit_changes_the_words_of_a_text(self, service: Service) -> None:
        earlier = service.channel.tell(telling(photo=None, has_photo=False), service.address)
        service.channel.edit(telling(photo=None, has_photo=False, counts={"person": 9}), service.address, earlier)
        assert [seen.text.splitlines()[0] for seen in service.shown()] == ["9 persons · North gate"]

    def test_an_edit_changes_the_words_under_a_photo_that_stays(self, service: Service) -> None:
        earlier = service.channel.tell(telling(), service.address)
        service.channel.edit(telling(counts={"person": 9}), service.address, earlier)
        (seen,) = service.shown()
        assert (seen.text.splitlines()[0], seen.photo) == ("9 persons · North gate", JPEG)

    def test_an_edit_brings_a_better_photo(self, service: Service) -> None:
        better = JPEG[:-2] + b"better" + JPEG[-2:]
        earlier = service.channel.tell(telling(), service.address)
        service.channel.edit(telling(photo=better), service.address, earlier)
        assert [seen.photo for seen in service.shown()] == [better]

    def test_an_edit_without_its_photo_at_hand_keeps_the_photo_that_is_there(self, service: Service) -> None:
        earlier = service.channel.tell(telling(), service.address)
        accepted = service.channel.edit(telling(counts={"person": 9}, photo=None), service.address, earlier)
        (seen,) = service.shown()
        assert (seen.photo, accepted.with_photo) == (JPEG, True)

    def test_an_edit_that_changes_nothing_is_accepted(self, service: Service) -> None:
        earlier = service.channel.tell(telling(), service.address)
        assert service.channel.edit(telling(), service.address, earlier) == earlier

    def test_a_message_that_is_gone_is_told_anew(self, service: Service) -> None:
        earlier = service.channel.tell(telling(), service.address)
        service.lose_the_message()
        accepted = service.channel.edit(telling(counts={"person": 9}), service.address, earlier)
        (seen,) = service.shown()
        assert (seen.text.splitlines()[0], seen.photo) == ("9 persons · North gate", JPEG)
        assert accepted.message_id != earlier.message_id

    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
    @pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
    def test_a_place_in_any_script_arrives_as_it_is(self, service: Service, name: str, photo: bytes | None) -> None:
        service.channel.tell(telling(place=name, photo=photo), service.address)
        assert service.shown()[0].text.splitlines()[0] == f"2 persons · {name}"

    @pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
    def test_markup_in_a_value_is_only_text(self, service: Service, photo: bytes | None) -> None:
        service.channel.tell(
            telling(place=HOSTILE, area=HOSTILE, park=HOSTILE, counts={HOSTILE: 1}, photo=photo), service.address
        )
        assert service.shown()[0].text.splitlines()[0] == f"1 {HOSTILE} · {HOSTILE}"

    def test_a_server_error_is_busy(self, service: Service) -> None:
        service.be_in_trouble()
        with pytest.raises(Busy):
            service.channel.tell(telling(), service.address)

    def test_one_too_many_is_busy_with_the_services_own_wish(self, service: Service) -> None:
        service.want_a_pause(timedelta(seconds=35))
        with pytest.raises(Busy) as busy:
            service.channel.tell(telling(), service.address)
        assert busy.value.retry_after == timedelta(seconds=35)

    def test_a_person_who_wants_no_messages_is_refused(self, service: Service) -> None:
        service.shut_us_out()
        with pytest.raises(Refused):
            service.channel.tell(telling(), service.address)

    def test_a_service_that_is_not_there_is_busy(self, service: Service) -> None:
        service.go_away()
        with pytest.raises(Busy):
            service.channel.tell(telling(), service.address)

    def test_no_log_and_no_error_holds_the_secret(
        self, service: Service, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        errors: list[ChannelError] = []
        with caplog.at_level(logging.DEBUG):
            earlier = service.channel.tell(telling(), service.address)
            service.channel.edit(telling(counts={"person": 9}), service.address, earlier)
            for trouble in (service.be_in_trouble, service.shut_us_out, service.go_away):
                trouble()
                with pytest.raises(ChannelError) as caught:
                    service.channel.tell(telling(), service.address)
                errors.append(caught.value)
        spoken = caplog.text + "".join(capfd.readouterr())
        spoken += "".join("".join(traceback.format_exception(error)) for error in errors)
        assert len(caplog.records) > 0  # the libraries did log
        assert service.secret not in spoken
