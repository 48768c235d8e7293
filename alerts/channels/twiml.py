"""What a call says: TwiML, https://www.twilio.com/docs/voice/twiml. Pure."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from alerts.caption import answer_label, spoken
from alerts.delivery import Answer, Telling

LONGEST = 4_000
"""Letters of TwiML in a request: https://www.twilio.com/docs/voice/api/call-resource, parameter Twiml."""
SEEN_KEY = "1"


@dataclass(frozen=True, slots=True)
class Voice:
    language: str
    name: str


VOICES = {
    "en": Voice("en-GB", "Polly.Amy"),
    "id": Voice("id-ID", "Google.id-ID-Standard-A"),
    "ms": Voice("ms-MY", "Google.ms-MY-Standard-A"),
    "th": Voice("th-TH", "Google.th-TH-Standard-A"),
    "vi": Voice("vi-VN", "Google.vi-VN-Standard-A"),
}
"""https://www.twilio.com/docs/voice/twiml/say/text-speech, by the first part of a BCP 47 tag. There is no voice for
Burmese, Khmer and Lao: they are told in English."""


def twiml(telling: Telling, now: datetime, hook: str | None) -> str:
    """The words twice, and a key to say that they were understood, where there is a hook that hears it."""
    language = telling.language.split("-")[0].lower()
    if language not in VOICES:
        telling, language = replace(telling, language="en"), "en"
    words = spoken(replace(telling, link=None), now)  # a link cannot be heard
    asking = hook is not None and Answer.SEEN in telling.answers
    key = f" {SEEN_KEY}: {answer_label(Answer.SEEN, telling.language)}." if asking else ""
    for end in range(len(words), 0, -20):  # nearly always the first: markup in a value grows when it is escaped
        document = _document(VOICES[language], words[:end] + key, hook if asking else None)
        if len(document) <= LONGEST:
            return document
    raise ValueError(f"{len(key)} letters to say by phone; expected few")


def _document(voice: Voice, words: str, hook: str | None) -> str:
    response = Element("Response")
    inside = response
    if hook is not None:
        inside = SubElement(
            response, "Gather", input="dtmf", numDigits="1", timeout="10", action=hook, method="POST"
        )  # fmt: skip
    say = SubElement(inside, "Say", language=voice.language, voice=voice.name, loop="2")
    # XML 1.0 has neither control characters nor halves of letters.
    say.text = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs", "Cn"} else letter for letter in words)
    return tostring(response, encoding="unicode")
