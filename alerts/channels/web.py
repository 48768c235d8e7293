"""The phone page, which the person opens by a link of their own. Needs an account with nobody."""

from typing import TYPE_CHECKING

from alerts.channels.web_settings import WebSettings
from alerts.delivery import Accepted, Telling

if TYPE_CHECKING:  # pywebpush is heavy, and a page without notifications does without it
    from alerts.channels.push import Pusher, Subscriptions


class WebChannel:
    """Hands an alert to the phone page, which reads the deliveries of this channel from the store by itself.

    So there is nothing to send. 'Accepted' means here: the alert stands durably in the ledger, where the page finds it
    the next time that it looks. It does **not** mean that any phone has it: only the page can say so, and does, by the
    delivery's `delivered` mark when it shows the alert, and by `seen` when the person touches it.

    Where people have allowed it, a notification calls them to the page. Nothing depends on it.
    """

    name = "web"
    carries_photo = False  # the page fetches it from the photo store

    def __init__(
        self, settings: WebSettings, *, subscriptions: "Subscriptions | None" = None, pusher: "Pusher | None" = None
    ) -> None:
        """Pushes with `subscriptions`, when the settings say by which key. Raises ValueError for a bad key file."""
        self._pushing = None
        if subscriptions is not None and (pusher is not None or settings.vapid_key_file is not None):
            from alerts.channels.push import Pusher  # noqa: PLC0415 - heavy, as above
            from alerts.channels.pushing import Pushing  # noqa: PLC0415 - as above

            self._pushing = Pushing(pusher or Pusher(settings), subscriptions)

    def tell(self, telling: Telling, address: str) -> Accepted:  # noqa: ARG002 - the person's own page: no address
        return self._accepted(telling, edit=False)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - as above
        return self._accepted(telling, edit=True)

    def withdraw(self, address: str, earlier: Accepted) -> None:
        """Nothing lies elsewhere."""

    def close(self) -> None:
        if self._pushing is not None:
            self._pushing.close()

    def _accepted(self, telling: Telling, *, edit: bool) -> Accepted:
        if self._pushing is not None:
            self._pushing.push(telling, edit=edit)
        return Accepted(str(telling.delivery), with_photo=telling.has_photo)
