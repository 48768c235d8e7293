"""How WhatsApp's apps show marks in a text: https://faq.whatsapp.com/539178204879377.

A mark opens after the start, a space or a sign and before something that is no space; it closes in the same line, after
something that is no space and before the end, a space or a sign.
"""

import re
import unicodedata

INVISIBLE = "\u2060"
PAIRS = ("```", "*", "_", "~", "`")


def shown_text(words: str) -> str:
    """What a person reads: marks that took effect are gone, and what cannot be seen too."""
    return "\n".join(_line(line) for line in words.split("\n")).replace(INVISIBLE, "")


def _line(line: str) -> str:
    line = re.sub(r"^(?:> |[*-] )", "", line)  # a quote's bar and a list's dot are drawn instead
    for mark in PAIRS:
        line = _without(line, mark)
    return line


def _without(line: str, mark: str) -> str:
    """`line` without the first pairs of `mark` that take effect."""
    start = 0
    while (opens := line.find(mark, start)) >= 0:
        start = opens + len(mark)
        if not (_edge(line[opens - 1 : opens]) and line[start : start + 1].strip()):
            continue
        closes = line.find(mark, start + 1)
        while closes >= 0 and not (line[closes - 1].strip() and _edge(line[closes + len(mark) :][:1])):
            closes = line.find(mark, closes + 1)
        if closes >= 0:
            line = line[:opens] + line[start:closes] + line[closes + len(mark) :]
            start = closes - len(mark)
    return line


def _edge(letter: str) -> bool:
    return not letter or letter.isspace() or unicodedata.category(letter)[0] in "PS"
