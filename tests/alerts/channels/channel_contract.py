"""What every channel promises, as tests. A subclass says by its `service` fixture which channel it is about."""

import logging
import re
import traceback
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Protocol

import pytest

from alerts import Channel
from alerts.channels import TRAITS
from alerts.delivery import IncursionTelling
from alerts.errors import Busy, ChannelError, Refused
from tests.alerts.tellings import JPEG, notice, telling

NAMES = {
    "en": "Khlong E-Thao, north gate",
    "th": "ประตูเหนือ คลองอีเฒ่า",
    "km": "ច្រកខាងជើង",
    "lo": "ປະຕູທາງເໜືອ",
    "vi": "Cổng phía Bắc Đồng Nai",
    "ms": "Gerbang Utara Taman Negara",
    "id": "Gerbang utara Way Kambas",
    "my": "မြောက်ဘက်တံခါး",
}
"""A place in each of the eight languages."""
HOSTILE = "<b>gate</b> & <a href='x'>_*[`~>#+-=|{}.!"


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as the person sees it."""

    text: str
    photo: bytes | None


class Service(Protocol):
    """A channel and the other side of it."""

    photos: bool
    """Whether the person sees a photo in the message itself."""

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


def edits(service: Service) -> bool:
    return TRAITS[service.channel.name].edits


def with_photo(photo: bytes | None, **changes: Any) -> IncursionTelling:
    """As the ledger makes it: with the photo, and the public address at which a service may fetch it."""
    url = None if photo is None else f"https://park.example.org/p/{sha256(photo).hexdigest()}.jpg"
    return telling(photo=photo, photo_url=url, has_photo=photo is not None, **changes)


def assert_says(seen: Seen, *parts: str) -> None:
    """Whatever the channel's layout: spaces and lines may differ."""
    words = " ".join(seen.text.split())
    for part in parts:
        assert part in words


class ChannelContract:
    """What a service cannot do (photos, edits) has its documented fallback here, never a test that is left out."""

    def test_words_reach_the_person(self, service: Service) -> None:
        service.channel.tell(telling(photo=None, has_photo=False), service.address)
        (seen,) = service.shown()
        assert_says(seen, "2 persons", "North gate", "03:40")
        assert seen.photo is None

    def test_the_photo_reaches_the_person_as_it_is_or_the_words_go_alone(self, service: Service) -> None:
        photo = JPEG[:-2] + bytes(range(256)) * 40 + b"\r\n--\r\n" + JPEG[-2:]
        accepted = service.channel.tell(with_photo(photo), service.address)
        (seen,) = service.shown()
        assert seen.photo == (photo if service.photos else None)
        assert_says(seen, "2 persons", "North gate")
        assert accepted.with_photo is service.photos

    def test_a_text_gains_its_photo_in_the_same_message_or_stays_as_it_is(self, service: Service) -> None:
        earlier = service.channel.tell(telling(photo=None, has_photo=False), service.address)
        accepted = service.channel.edit(with_photo(JPEG, revision=2), service.address, earlier)
        (seen,) = service.shown()
        if edits(service):
            assert (seen.photo, accepted.with_photo, accepted.message_id) == (JPEG, True, earlier.message_id)
            assert "no photo yet" not in seen.text
        else:
            assert accepted == earlier

    def test_an_edit_changes_the_words_of_a_text_or_sends_nothing(self, service: Service) -> None:
        earlier = service.channel.tell(telling(photo=None, has_photo=False), service.address)
        service.channel.edit(telling(photo=None, has_photo=False, counts={"person": 9}), service.address, earlier)
        (seen,) = service.shown()
        assert_says(seen, "9 persons" if edits(service) else "2 persons", "North gate")

    def test_an_edit_changes_the_words_under_a_photo_that_stays(self, service: Service) -> None:
        earlier = service.channel.tell(with_photo(JPEG), service.address)
        accepted = service.channel.edit(with_photo(JPEG, counts={"person": 9}), service.address, earlier)
        (seen,) = service.shown()
        assert_says(seen, "9 persons" if edits(service) else "2 persons")
        assert seen.photo == (JPEG if service.photos else None)
        assert accepted.with_photo is service.photos

    def test_an_edit_brings_a_better_photo(self, service: Service) -> None:
        better = JPEG[:-2] + b"better" + JPEG[-2:]
        earlier = service.channel.tell(with_photo(JPEG), service.address)
        service.channel.edit(with_photo(better), service.address, earlier)
        expected = better if edits(service) else JPEG
        assert [seen.photo for seen in service.shown()] == [expected if service.photos else None]

    def test_an_edit_without_its_photo_at_hand_keeps_the_photo_that_is_there(self, service: Service) -> None:
        earlier = service.channel.tell(with_photo(JPEG), service.address)
        accepted = service.channel.edit(telling(counts={"person": 9}, photo=None), service.address, earlier)
        (seen,) = service.shown()
        assert (seen.photo, accepted.with_photo) == ((JPEG, True) if service.photos else (None, False))

    def test_an_edit_that_changes_nothing_is_accepted(self, service: Service) -> None:
        earlier = service.channel.tell(with_photo(JPEG), service.address)
        assert service.channel.edit(with_photo(JPEG), service.address, earlier) == earlier

    def test_a_message_that_is_gone_is_told_anew(self, service: Service) -> None:
        earlier = service.channel.tell(with_photo(JPEG), service.address)
        service.lose_the_message()
        accepted = service.channel.edit(with_photo(JPEG, counts={"person": 9}), service.address, earlier)
        if edits(service):
            (seen,) = service.shown()
            assert_says(seen, "9 persons", "North gate")
            assert accepted.message_id != earlier.message_id
        else:
            assert (service.shown(), accepted) == ([], earlier)

    def test_news_that_deserve_it_come_as_a_message_of_their_own(self, service: Service) -> None:
        first = service.channel.tell(with_photo(JPEG), service.address)
        second = service.channel.tell(with_photo(JPEG, counts={"person": 9}), service.address)
        one, two = service.shown()
        assert_says(one, "2 persons")
        assert_says(two, "9 persons")
        assert first.message_id != second.message_id

    def test_a_notice_reaches_the_person(self, service: Service) -> None:
        service.channel.tell(notice(), service.address)
        (seen,) = service.shown()
        assert_says(seen, "North gate")

    def test_neither_a_coordinate_nor_anything_like_one_is_sent(self, service: Service) -> None:
        service.channel.tell(with_photo(JPEG), service.address)
        assert not re.search(r"\d+\.\d{3,}", service.shown()[0].text)

    @pytest.mark.parametrize("language", NAMES)
    @pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
    def test_each_language_arrives_as_it_is(self, service: Service, language: str, photo: bytes | None) -> None:
        told = with_photo(photo, place=NAMES[language], language=language)
        service.channel.tell(told, service.address)
        assert_says(service.shown()[0], NAMES[language], "2")

    @pytest.mark.parametrize("photo", [None, JPEG], ids=["text", "photo"])
    def test_markup_in_a_value_is_only_text(self, service: Service, photo: bytes | None) -> None:
        service.channel.tell(
            with_photo(photo, place=HOSTILE, area=HOSTILE, park=HOSTILE, counts={HOSTILE: 1}), service.address
        )
        assert_says(service.shown()[0], f"1 {HOSTILE}", HOSTILE)

    def test_a_server_error_is_busy(self, service: Service) -> None:
        service.be_in_trouble()
        with pytest.raises(Busy):
            service.channel.tell(with_photo(JPEG), service.address)

    def test_one_too_many_is_busy_with_the_services_own_wish(self, service: Service) -> None:
        service.want_a_pause(timedelta(seconds=35))
        with pytest.raises(Busy) as busy:
            service.channel.tell(with_photo(JPEG), service.address)
        assert busy.value.retry_after == timedelta(seconds=35)

    def test_a_person_who_wants_no_messages_is_refused(self, service: Service) -> None:
        service.shut_us_out()
        with pytest.raises(Refused):
            service.channel.tell(with_photo(JPEG), service.address)

    def test_a_service_that_is_not_there_is_busy(self, service: Service) -> None:
        service.go_away()
        with pytest.raises(Busy):
            service.channel.tell(with_photo(JPEG), service.address)

    def test_no_log_and_no_error_holds_the_secret(
        self, service: Service, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        errors: list[ChannelError] = []
        with caplog.at_level(logging.DEBUG):
            earlier = service.channel.tell(with_photo(JPEG), service.address)
            service.channel.edit(with_photo(JPEG, counts={"person": 9}), service.address, earlier)
            for trouble in (service.be_in_trouble, service.shut_us_out, service.go_away):
                trouble()
                with pytest.raises(ChannelError) as caught:
                    service.channel.tell(with_photo(JPEG), service.address)
                errors.append(caught.value)
        spoken = caplog.text + "".join(capfd.readouterr())
        spoken += "".join("".join(traceback.format_exception(error)) for error in errors)
        assert len(caplog.records) > 0  # the libraries did log
        assert service.secret not in spoken
