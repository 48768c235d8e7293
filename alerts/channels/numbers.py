"""Telephone numbers, as addresses of persons."""

import re

from alerts.errors import Refused

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""ITU-T E.164: a country code and at most 15 digits in all. None that is dialled is shorter than seven."""


def checked(address: str) -> str:
    """The address, when it is a number in the international form. Raises Refused."""
    if not E164.fullmatch(address):
        raise Refused(
            f"address: {masked(address)} ({len(address)} characters); expected a telephone number in the international"
            " form, as +66812345678"
        )
    return address


def masked(number: str) -> str:
    """What a log and an error may show: the last three digits."""
    return f"…{number[-3:]}" if len(number) > 6 else "…"


def without_numbers(words: str) -> str:
    """A service's words, which may repeat the number it was given."""
    return re.sub(r"\+?[0-9]{7,}", lambda number: masked(number[0]), words)
