import pytest

from alerts.channels.buttons import Pressed, carried, fitting, pressed, title
from alerts.delivery import Answer

LANGUAGES = ("en", "th", "km", "lo", "vi", "ms", "id", "my")


@pytest.mark.parametrize("answer", Answer)
def test_what_a_button_carries_is_read_back(answer: Answer) -> None:
    assert pressed(carried(Pressed(77, answer))) == Pressed(77, answer)


@pytest.mark.parametrize(
    "data", ["", "sambar", "sambar:77", "sambar:77:fly", "sambar::seen", "sambar:-1:seen", "other:77:seen",
             "sambar:\u0667:seen", "sambar:" + "9" * 5000 + ":seen"],
)  # fmt: skip
def test_what_no_button_of_ours_carries_is_nothing(data: str) -> None:
    assert pressed(data) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_a_title_of_its_own_in_twenty_letters(language: str) -> None:
    titles = {title(answer, language) for answer in Answer}
    assert len(titles) == len(Answer)
    assert all(1 <= len(each) <= 20 for each in titles)


def test_words_that_fit_stay_and_others_are_cut_by_utf_16() -> None:
    assert (fitting("four", 4), fitting("fives", 4), fitting("🐘🐘🐘", 4)) == ("four", "fiv…", "🐘…")
