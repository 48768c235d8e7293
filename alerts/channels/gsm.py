"""How long an SMS is: the GSM 7-bit alphabet or UCS-2, and the parts of a long message. Pure.

3GPP TS 23.038, sections 6.2.1 and 6.2.3, has the alphabets; TS 23.040, section 9.2.3.24.1, what concatenation costs:
six octets of every part's 140.
"""

import unicodedata
from enum import Enum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each sent as an escape and a letter: two septets."""
PLAIN = str.maketrans(
    # dots, dashes, quotation marks, a space that does not break
    "\u00b7\u2022\u2013\u2014\u2018\u2019\u201c\u201d\u00a0",
    "----''\"\" ",
) | {0x2026: "..."}
"""Signs whose sense a letter of the 7-bit alphabet keeps. One sign outside of it more than halves a part."""
STACKERS = frozenset("\u1039\u17d2\u200d")
"""Burmese virama, Khmer coeng and the joiner: what follows them belongs to the same letter."""


class Alphabet(Enum):
    """(what fits into one part alone, what fits into each of several), in septets or in units of 16 bits."""

    GSM7 = (160, 153)
    UCS2 = (70, 67)

    @property
    def alone(self) -> int:
        return self.value[0]

    @property
    def joined(self) -> int:
        return self.value[1]

    def cost(self, letter: str) -> int:
        if self is Alphabet.GSM7:
            return 2 if letter in EXTENDED else 1
        return 2 if ord(letter) > 0xFFFF else 1  # a surrogate pair


def alphabet(text: str) -> Alphabet:
    return Alphabet.GSM7 if all(letter in BASIC or letter in EXTENDED for letter in text) else Alphabet.UCS2


def split(text: str) -> list[str]:
    """The parts as they are sent: no escape and no surrogate pair torn. One part at least."""
    letters = alphabet(text)
    if sum(map(letters.cost, text)) <= letters.alone:
        return [text]
    parts, room = [""], letters.joined
    for letter in text:
        cost = letters.cost(letter)
        if cost > room:
            parts.append("")
            room = letters.joined
        parts[-1] += letter
        room -= cost
    return parts


def fitted(text: str, link: str | None, most_parts: int) -> str:
    """`text`, a space and `link` in at most `most_parts` parts: the words are shortened, the link never.

    A link that is too long alone goes alone, in as many parts as it needs. Signs that alone ask for UCS-2 are replaced
    by plain ones.
    """
    plain = text.translate(PLAIN)
    words = plain if alphabet(plain + (link or "")) is Alphabet.GSM7 else text
    for end in range(len(words), 0, -1):
        if not _between_letters(words, end):
            continue
        shortened = words if end == len(words) else words[:end].rstrip() + _dots(words[:end])
        whole = f"{shortened} {link}" if link else shortened
        if len(split(whole)) <= most_parts:
            return whole
    return link or ""


def _dots(words: str) -> str:
    return "..." if alphabet(words) is Alphabet.GSM7 else "…"


def _between_letters(words: str, end: int) -> bool:
    """Whether a cut before `end` tears no letter from its marks."""
    if end == len(words):
        return True
    return words[end] not in STACKERS and words[end - 1] not in STACKERS and unicodedata.category(words[end])[0] != "M"
