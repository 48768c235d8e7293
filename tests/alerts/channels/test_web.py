from alerts.channels.web import WebChannel
from alerts.channels.web_settings import WebSettings
from alerts.delivery import Accepted
from tests.alerts.tellings import telling


def test_the_message_is_the_delivery_itself() -> None:
    assert WebChannel(WebSettings()).tell(telling(delivery=7, has_photo=False, photo=None), "malee") == Accepted(
        "7", with_photo=False
    )


def test_an_edit_stays_the_same_message_and_says_that_the_page_has_the_photo_now() -> None:
    earlier = Accepted("7", with_photo=False)
    assert WebChannel(WebSettings()).edit(telling(delivery=7, photo=None), "malee", earlier) == Accepted(
        "7", with_photo=True
    )


def test_it_is_spared_the_making_of_photos() -> None:
    assert WebChannel.carries_photo is False
