from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import topics
from wire.errors import BadTopic
from wire.topics import Kind, Topic

names = st.from_regex(topics.NAME, fullmatch=True)


@given(names, names, st.sampled_from(Kind))
def test_a_topic_is_read_as_it_was_written(park: str, camera: str, kind: Kind) -> None:
    topic = Topic(park, camera, kind)
    assert topics.parse(str(topic)) == topic


def test_what_a_camera_says_goes_up_and_what_it_hears_comes_down() -> None:
    assert str(Topic("thap-lan", "CAM-012", Kind.SIGHTING)) == "sambar/1/thap-lan/CAM-012/up/sighting"
    assert str(Topic("thap-lan", "CAM-012", Kind.RECEIPT)) == "sambar/1/thap-lan/CAM-012/down/receipt"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sambar/2/p/c/up/sighting", "is of wire version '2'; this program reads version 1"),
        ("sambar/1/p/c/down/sighting", "is of no kind that we know"),
        ("sambar/1/p/c/up/song", "is of no kind that we know"),
        ("sambar/1/p/up/sighting", "expected 'sambar/1/PARK/CAMERA/up|down/KIND'"),
        ("sambar/1/p/../up/sighting", "camera: '..' is not a name"),
        ("sambar/1/p/c\x00/up/sighting", "is not a name"),
        ("sambar/1//c/up/sighting", "park: '' is not a name"),
    ],
)
def test_a_bad_topic_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(BadTopic) as refused:
        topics.parse(text)
    assert sentence in str(refused.value)


@given(st.text(max_size=80))
def test_any_text_is_a_topic_or_refused(text: str) -> None:
    with suppress(BadTopic):
        assert str(topics.parse(text)) == text


@pytest.mark.parametrize("name", ["", "-x", "a" * 33, "a/b", "a+b", "a#", "à", "a\n", "."])
def test_a_name_that_means_something_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BadTopic):
        topics.checked_name(name)
