"""The parts of an alert in one language, before they are laid out for a screen, an SMS or a voice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    headline: str
    lines: tuple[str, ...]
    beside: str
    """What must not be misread, in one line: all that a caption in another language repeats in English."""
    brief: str
    """What, where, when in one line for an SMS; only signs of ours that a plain GSM text has."""
    gist: str
    """What of `brief` is words, without place and time: all that an SMS repeats in English."""
    aloud: tuple[str, ...]
    """Sentences without their full stops, to be read out."""
