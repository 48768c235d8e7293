"""An alert as LINE's message objects: https://developers.line.biz/en/reference/messaging-api/#message-objects."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from linebot.v3.messaging import ButtonsTemplate, ImageMessage, Message, PostbackAction, TemplateMessage, TextMessage

from alerts.caption import answer_label, caption, plain
from alerts.channels.buttons import Pressed, carried, fitting, title
from alerts.delivery import Telling

MOST_LETTERS = 5_000
"""Of a text: #text-message."""
MOST_ADDRESS = 2_000
"""Letters of a photo's address: #image-message."""
BUTTONS_EACH = 4
"""In one template: #buttons."""
MOST_TEMPLATES = 3
"""With the words and the photo they make the five objects that one request takes: #send-push-message."""
KEYS = UUID("6a1f2c2e-6f0e-5d0a-9b53-0c6f3f1f7a11")
ONE_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


def messages(telling: Telling, now: datetime, photo_url: str | None) -> list[Message]:
    """The words, the photo, and the buttons of every answer."""
    words = caption(telling, now)
    made: list[Message] = [TextMessage(text=fitting(plain(words), MOST_LETTERS))]
    if photo_url is not None:
        made.append(ImageMessage(originalContentUrl=photo_url, previewImageUrl=photo_url))
    actions = [
        PostbackAction(
            label=title(answer, telling.language),
            data=carried(Pressed(telling.delivery, answer)),
            displayText=answer_label(answer, telling.language),  # a group sees who has answered what
        )
        for answer in telling.answers
    ]
    for start in range(0, min(len(actions), BUTTONS_EACH * MOST_TEMPLATES), BUTTONS_EACH):
        template = ButtonsTemplate(text=fitting(words.headline, 160), actions=actions[start : start + BUTTONS_EACH])
        made.append(TemplateMessage(altText=fitting(words.headline, 400), template=template))
    return made


def public_photo(telling: Telling) -> str | None:
    """The photo's address, when LINE's apps can fetch it: https only, and not too long."""
    url = telling.photo_url
    return url if url is not None and url.startswith("https://") and len(url) <= MOST_ADDRESS else None


def retry_key(telling: Telling, address: str, photo_url: str | None) -> str:
    """The same whenever this is told to this address, after a crash too; another once there is other news.

    The words as they would be at one fixed moment: 'told 4 s later' differs from try to try. Whether there is a photo,
    not where: its address is signed anew each time.
    """
    news = plain(caption(telling, ONE_MOMENT))
    parts = (address, telling.delivery, telling.revision, photo_url is not None, news, *telling.answers)
    return str(uuid5(KEYS, "\n".join(str(part) for part in parts)))
