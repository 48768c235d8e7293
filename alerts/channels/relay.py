"""By satellite phone or radio: an operator reads a short script out. Needs no service: docs/channels/relay.md."""

import re
from datetime import datetime

from alerts.caption import spoken
from alerts.channels.relay_settings import RelaySettings
from alerts.delivery import Accepted, Telling
from alerts.errors import Refused

MOST_LETTERS = 60
"""Of what to call: 'Thuraya 0088216…', 'VHF 4, Salween base'."""


class RelayChannel:
    """Hands an alert to the operators' page, which reads the deliveries of this channel from the store by itself.

    'Accepted' means here: the task to read it out stands durably in the ledger. That it was told is known only by the
    operator who says so, who is then kept as the one it was *told by*. Nobody hears a photo, so none is ever with it.
    """

    name = "relay"
    carries_photo = False

    def __init__(self, settings: RelaySettings) -> None:
        """Nothing of the settings is needed here."""

    def tell(self, telling: Telling, address: str) -> Accepted:
        if not 1 <= len(address.strip()) <= MOST_LETTERS or not address.isprintable():
            raise Refused(
                f"address: {address!r:.80}; expected what to call, 1 to {MOST_LETTERS} letters: 'VHF 4, Salween base'"
            )
        return Accepted(str(telling.delivery), with_photo=False)

    def edit(self, telling: Telling, address: str, earlier: Accepted) -> Accepted:  # noqa: ARG002 - the page reads it
        return earlier

    def withdraw(self, address: str, earlier: Accepted) -> None:
        """Nothing lies elsewhere; what was said over the air is said."""

    def close(self) -> None:
        pass


def script(telling: Telling, now: datetime) -> tuple[str, ...]:
    """What the operator reads out at `now`: a sentence each, so that the other side can say each again."""
    return tuple(re.split(r"(?<=[.!?\u104b\u17d4])\s+", spoken(telling, now)))  # the full stops of Burmese and Khmer
