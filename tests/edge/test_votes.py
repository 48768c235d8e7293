"""One odd box is not yet a person."""

import pytest

from edge.votes import Votes, VoteSettings


def test_one_frame_alone_decides_nothing() -> None:
    assert Votes(VoteSettings(2, 4)).add(0, {"person": 1}) == {}


def test_two_of_four_agree() -> None:
    votes = Votes(VoteSettings(2, 4))
    for seconds, counts in enumerate([{"person": 1}, {}, {}]):
        assert votes.add(seconds, counts) == {}
    assert votes.add(3, {"person": 1}) == {"person": 1}


def test_a_vote_beyond_the_window_is_forgotten() -> None:
    votes = Votes(VoteSettings(2, 3))
    for seconds, counts in enumerate([{"person": 1}, {}, {}]):
        votes.add(seconds / 10, counts)
    assert votes.add(0.3, {"person": 1}) == {}


def test_an_old_vote_does_not_count() -> None:
    votes = Votes(VoteSettings(2, 4, within_s=4))
    votes.add(0, {"person": 1})
    assert votes.add(4.1, {"person": 1}) == {}


def test_the_agreed_count_is_what_enough_frames_reach() -> None:
    votes = Votes(VoteSettings(2, 4))
    votes.add(0, {"person": 1})
    votes.add(1, {"person": 3})
    assert votes.add(2, {"person": 2, "car": 1}) == {"person": 2}


def test_settings_that_cannot_be_met_are_refused() -> None:
    with pytest.raises(ValueError, match="votes: 5 of 4; expected 1 ≤ needed ≤ of"):
        VoteSettings(5, 4)
