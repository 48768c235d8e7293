from datetime import timedelta

import pytest

from alerts.channels import TRAITS
from alerts.channels.relay import RelayChannel, script
from alerts.channels.relay_settings import RelaySettings
from alerts.delivery import Accepted
from alerts.errors import Refused
from tests.alerts.tellings import SEEN, notice, telling

RADIO = "VHF 4, Salween base"


def test_the_task_to_read_it_out_is_the_delivery_itself() -> None:
    assert RelayChannel(RelaySettings()).tell(telling(delivery=7), RADIO) == Accepted("7", with_photo=False)


def test_an_edit_stays_the_same_task_whose_script_is_made_afresh() -> None:
    earlier = Accepted("7", with_photo=False)
    assert RelayChannel(RelaySettings()).edit(telling(delivery=7, counts={"person": 9}), RADIO, earlier) == earlier
    assert TRAITS["relay"].edits


def test_what_is_on_the_air_counts_as_heard_by_others() -> None:
    assert TRAITS["relay"].third_party


@pytest.mark.parametrize("address", ["", "  ", "x" * 61, "VHF 4\nand more"])
def test_what_to_call_is_one_short_line(address: str) -> None:
    with pytest.raises(Refused, match="expected what to call"):
        RelayChannel(RelaySettings()).tell(telling(), address)


def test_the_script_says_what_where_and_when_a_sentence_each() -> None:
    sentences = script(telling(place="Gate 4.5 of Salween"), SEEN + timedelta(seconds=40))
    assert sentences[0] == "2 persons, Gate 4.5 of Salween."
    assert any("03:40" in sentence for sentence in sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_the_script_of_a_notice_says_what_it_is_about() -> None:
    assert "North gate" in script(notice(), SEEN + timedelta(hours=3))[0]
