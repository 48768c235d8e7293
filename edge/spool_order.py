"""In which order messages go, are given up, and are sent again."""

from wire.topics import Kind

PRIORITY = {Kind.SIGHTING: 0, Kind.REPLY: 1, Kind.PREVIEW: 2, Kind.HEALTH: 3, Kind.ORIGINAL: 4}
"""What may be spooled, and who goes first: the first word, then its photo, then the rest."""

SHED = (Kind.HEALTH, Kind.ORIGINAL, Kind.PREVIEW, Kind.REPLY)
"""What is given up for want of room, in this order, the oldest of a kind first. Sightings never."""

RECEIPT_WITHIN_S = 30.0
"""On a live link a receipt takes a second or two. After this time the message is sent again."""
LONGEST_WAIT_S = 1800.0
"""A gateway may be away for days, and a link may cost by the byte. Its first receipt makes everything due."""


def wait_after(attempts: int, chance: float) -> float:
    """Seconds until a message is sent again that was sent `attempts` times (1 or more) and got no receipt.

    30, 60, 120 … 1800, each lengthened by up to a quarter by `chance` (0 to 1), lest many cameras speak at once.
    """
    return min(LONGEST_WAIT_S, RECEIPT_WITHIN_S * 2.0 ** min(attempts - 1, 10)) * (1 + chance / 4)
