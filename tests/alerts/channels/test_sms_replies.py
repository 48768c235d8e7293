from datetime import timedelta

import pytest

from alerts.channels.sms_replies import ALL, EACH, Replies
from tests.alerts.tellings import SEEN

MALEE = "+66812345678"


def test_two_machines_that_answer_each_other_come_to_an_end_and_a_person_is_answered_again_later() -> None:
    replies = Replies()
    went = sum(replies.may_go(MALEE, SEEN + timedelta(seconds=each)) for each in range(1000))
    assert went == EACH.most
    assert replies.may_go(MALEE, SEEN + EACH.within)


def test_one_number_that_writes_too_much_takes_no_answer_from_another() -> None:
    replies = Replies()
    while replies.may_go(MALEE, SEEN):
        pass
    assert replies.may_go("+66899999999", SEEN)


def test_all_numbers_together_have_an_end_too() -> None:
    replies = Replies()
    assert sum(replies.may_go(f"+668{each:08}", SEEN) for each in range(1000)) == ALL.most


@pytest.mark.parametrize("number", ["AIS", "1175", "", "0812345678"])
def test_an_operator_is_never_answered(number: str) -> None:
    assert not Replies().may_go(number, SEEN)
