"""Values that somebody wrote, made safe to stand inside a line of ours."""

import unicodedata

LONGEST = 120
"""Letters of any one value, unless told otherwise."""
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Could turn the rest of a line around."""


def one_line(value: str, longest: int = LONGEST, mark: str = "…") -> str:
    """A value that stays in its line, whatever somebody wrote into the park's settings. Cut to `longest` letters."""
    kept = unbroken(value)
    if len(kept) <= longest:
        return kept
    end = longest - len(mark)
    while end > 0 and unicodedata.category(kept[end]).startswith("M"):
        end -= 1  # a vowel or tone mark belongs to the letter before it: Thai, Lao, Khmer, Burmese
    return kept[:end] + mark


def unbroken(value: str) -> str:
    """The value without anything that ends a line or turns it around."""
    kept = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in value
        if letter not in OVERRIDES
    )
    return " ".join(kept.split(" ")).strip()
