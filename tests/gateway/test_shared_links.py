"""Signed addresses of photos: what one says, until when, and what nobody can make of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.clock import DrivenClock
from gateway.shared_links import PURPOSE, PhotoLinks, check, sign
from tests.gateway.web.scene import NOW
from wire.keys import SigningKey

KEY = b"k" * 32
PATH = "thap-lan/north-1/2025-03-05/0123456789abcdef0123456789abcdef.webp"
DAY = timedelta(days=1)


def test_a_token_gives_its_path_back_until_it_ends() -> None:
    token = sign(KEY, PATH, NOW + DAY)
    assert check(KEY, token, NOW + DAY - timedelta(seconds=1)) == PATH
    assert check(KEY, token, NOW + DAY) is None


def test_a_token_of_another_key_is_none() -> None:
    assert check(b"o" * 32, sign(KEY, PATH, NOW + DAY), NOW) is None


@given(some.text(max_size=120))
def test_nothing_that_was_not_signed_is_a_token(text: str) -> None:
    assert check(KEY, text, NOW) is None


@given(some.integers(0, 10_000), some.sampled_from("ABCxyz019-_.="))
def test_a_changed_letter_opens_no_other_photo(place: int, letter: str) -> None:
    token = sign(KEY, PATH, NOW + DAY)
    at = place % len(token)
    assert check(KEY, token[:at] + letter + token[at + 1 :], NOW) in {None, PATH}


def test_neither_the_path_nor_the_end_can_be_taken_from_another_token() -> None:
    ours, other = sign(KEY, PATH, NOW + DAY), sign(KEY, PATH, NOW + 9 * DAY)
    assert check(KEY, f"{other.partition('.')[0]}.{ours.partition('.')[2]}", NOW) is None


@pytest.mark.parametrize("token", ["", ".", "a.", ".a", "é.é", "A" * 5000], ids=range(6))
def test_rubbish_is_none(token: str) -> None:
    assert check(KEY, token, NOW) is None


def test_an_address_is_made_for_https_alone() -> None:
    clock = DrivenClock(NOW)
    assert PhotoLinks(KEY, "http://127.0.0.1:8080", DAY, clock).address(PATH, []) is None
    links = PhotoLinks(KEY, "https://sambar.example.org", DAY, clock)
    address = links.address(PATH, [])
    assert address is not None
    token = address.removeprefix("https://sambar.example.org/p/").removesuffix(".jpg")
    assert links.path(token) == PATH
    clock.pass_by(DAY)
    assert links.path(token) is None


def test_the_key_for_links_is_the_same_each_time_and_no_other_purposes() -> None:
    key = SigningKey.make()
    assert key.derived(PURPOSE) == key.derived(PURPOSE)
    assert len({key.derived(PURPOSE), key.derived("another"), SigningKey.make().derived(PURPOSE)}) == 3
