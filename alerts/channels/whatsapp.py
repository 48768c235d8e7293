"""WhatsApp, by Meta's Cloud API: https://developers.facebook.com/documentation/business-messaging/whatsapp.

How a park sets it up is in docs/channels/whatsapp.md.
"""

from collections import OrderedDict
from hashlib import sha256

import structlog

from alerts import Clock
from alerts.channels.numbers import checked, masked
from alerts.channels.whatsapp_answers import BadTemplate, Outside
from alerts.channels.whatsapp_settings import WhatsAppSettings
from alerts.channels.whatsapp_window import Window, window_of
from alerts.channels.whatsapp_wire import CloudApi, Patience, known_languages
from alerts.channels.whatsapp_words import buttons, components, free_words
from alerts.clock import SystemClock
from alerts.delivery import Accepted, Telling
from alerts.errors import Refused

REMEMBERED = 100
"""Photos that are uploaded. Meta keeps each for 30 days."""
MOST_PHOTO = 5 * 1024 * 1024
"""Bytes: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#image."""


class WhatsAppChannel:
    """Sends to a person's number: free words with photo and buttons to who wrote within 24 hours, else a template.

    WhatsApp lets nobody edit by the Cloud API, and has no silent messages: a quiet alert sounds like any other there.
    Nor has it retry keys: after a lost answer the alert is told once more.
    """

    name = "whatsapp"
    carries_photo = True

    def __init__(
        self,
        settings: WhatsAppSettings,
        clock: Clock | None = None,
        patience: Patience | None = None,
        window: Window | None = None,
    ) -> None:
        """Raises ValueError for a template's language that Meta does not know."""
        unknown = [code for code in settings.template_languages if code not in known_languages()]
        if unknown:
            raise ValueError(
                f"channels.whatsapp.template_languages: {unknown[0]!r}; expected a language of Meta's list"
            )
        self._settings = settings
        self._clock = clock or SystemClock()
        self._window = window or window_of(settings.phone_number_id)
        self._api = CloudApi(settings, patience)
        self._uploaded: OrderedDict[bytes, str] = OrderedDict()
        """SHA-256 of a photo → its media id: one upload serves everybody who is told."""
        self._log = structlog.get_logger().bind(channel=self.name)

    def tell(self, telling: Telling, address: str) -> Accepted:
        number = checked(address)
        free = self._window.is_open(number, self._clock.now())
        photo = self._photo(telling, number) if free or self._settings.template_with_photo else None
        if photo is not None:
            try:
                return self._told(telling, number, photo)
            except (Refused, BadTemplate) as bad:  # it may be the photo, or the template for photos, alone
                self._uploaded.clear()
                self._log.warning("not taken with its photo: the words go alone", why=str(bad), to=masked(number))
        return self._told(telling, number, None)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - WhatsApp cannot
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:  # noqa: ARG002 - WhatsApp cannot
        raise Refused("WhatsApp lets no business delete what it has sent; Meta drops its copy of a photo after 30 days")

    def close(self) -> None:
        self._api.close()

    def _told(self, telling: Telling, number: str, photo: str | None) -> Accepted:
        if self._window.is_open(number, self._clock.now()):
            words = free_words(telling, self._clock.now())
            try:
                return Accepted(self._api.send(number, words, photo, buttons(telling)), with_photo=photo is not None)
            except Outside:
                self._window.close(number)
                self._log.info("free words are not taken any more: the template goes", to=masked(number))
        return self._by_template(telling, number, photo if self._settings.template_with_photo else None)

    def _by_template(self, telling: Telling, number: str, photo: str | None) -> Accepted:
        name = self._settings.template if photo is None else self._settings.template_with_photo
        filling = components(telling, self._clock.now(), photo, self._settings.template_answers)
        try:
            message_id = self._api.send_template(
                number, name or self._settings.template, self._language(telling.language), filling
            )
        except Outside:
            raise Refused("WhatsApp takes no template to this number (131047)") from None
        return Accepted(message_id, with_photo=photo is not None)

    def _photo(self, telling: Telling, number: str) -> str | None:
        """Its media id; None when there is none, or when it is not taken."""
        photo = telling.photo
        if photo is None:
            return None
        if len(photo) > MOST_PHOTO:
            self._log.warning("the photo is too large for WhatsApp: the words go alone", bytes=len(photo))
            return None
        fingerprint = sha256(photo).digest()
        if fingerprint not in self._uploaded:
            try:
                self._uploaded[fingerprint] = self._api.upload(photo)
            except (Refused, Outside) as bad:
                self._log.warning("the photo is not taken: the words go alone", why=str(bad), to=masked(number))
                return None
        while len(self._uploaded) > REMEMBERED:
            self._uploaded.popitem(last=False)
        return self._uploaded[fingerprint]

    def _language(self, tag: str) -> str:
        """Of the template, for a person's BCP 47 tag: the same, else one of the same language, else the first."""
        codes = self._settings.template_languages
        same = [code for code in codes if code == tag.replace("-", "_")]
        near = [code for code in codes if code.partition("_")[0] == tag.partition("-")[0].lower()]
        return [*same, *near, *codes][0]
