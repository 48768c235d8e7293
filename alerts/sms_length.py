"""How many text messages a text costs: 3GPP TS 23.038 (the alphabet) and TS 23.040 (the parts)."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""Two septets each: an escape goes before."""


def parts(text: str) -> int:
    """How many messages carry it. One letter outside the GSM alphabet makes all of it UCS-2."""
    if all(letter in BASIC or letter in EXTENDED for letter in text):
        return _split(sum(1 + (letter in EXTENDED) for letter in text), 160, 153)
    return _split(len(text.encode("utf-16-le")) // 2, 70, 67)


def _split(length: int, alone: int, together: int) -> int:
    """One message holds `alone` letters; each of several a few less, for its number."""
    return 1 if length <= alone else -(-length // together)
