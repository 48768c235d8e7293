"""The phone page, which the person opens by a link of their own. Needs an account with nobody."""

from alerts.channels.web_settings import WebSettings
from alerts.delivery import Accepted, Telling


class WebChannel:
    """Hands an alert to the phone page, which reads the deliveries of this channel from the store by itself.

    So there is nothing to send. 'Accepted' means here: the alert stands durably in the ledger, where the page finds it
    the next time that it looks. It does **not** mean that any phone has it: only the page can say so, and does, by the
    delivery's `delivered` mark when it shows the alert, and by `seen` when the person touches it.
    """

    name = "web"
    carries_photo = False  # the page fetches it from the photo store

    def __init__(self, settings: WebSettings) -> None:
        """Nothing of the settings is needed here."""

    def tell(self, telling: Telling, address: str) -> Accepted:  # noqa: ARG002 - the person's own page: no address
        return Accepted(str(telling.delivery), with_photo=telling.has_photo)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - as above
        return Accepted(str(telling.delivery), with_photo=telling.has_photo)

    def withdraw(self, address: str, earlier: Accepted) -> None:
        """Nothing lies elsewhere."""

    def close(self) -> None:
        pass
