"""What the Cloud API's error codes mean for a delivery. Here, and nowhere else, they become ours.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes: to be judged by `code`,
never by its words.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx

from alerts.channels.http import retry_after
from alerts.errors import Busy, Refused

OUTSIDE = 131047
"""More than 24 hours since the person's last word."""
PAIR = 131056
ACCOUNT = {
    0: "the token is not valid any more",
    3: "the token lacks a permission",
    10: "the token lacks a permission",
    33: "phone_number_id names a number that is gone",
    190: "the token has expired",
    368: "Meta has restricted the account for a breach of its policies",
    131005: "the token lacks a permission",
    131031: "Meta has locked the account",
    131037: "the number's display name is not approved",
    131042: "Meta wants a valid method of payment",
    131045: "the number's registration failed: register it again",
    133010: "the number is not registered with the Cloud API",
}
"""Busy: what waits must survive until somebody has mended the settings or the account."""
TEMPLATE = {
    132000: "has another number of parameters than docs/channels/whatsapp.md says",
    132001: "does not exist in that language, or is not approved",
    132005: "is too long once it is filled in",
    132007: "was refused by Meta's content policy",
    132008: "takes no such parameter",
    132012: "is made otherwise than docs/channels/whatsapp.md says",
    132015: "is paused by Meta for low quality",
    132016: "is disabled by Meta for low quality",
}
"""Busy, too: somebody mends the template."""
PAUSES = {
    PAIR: timedelta(seconds=6),  # one message to one person in six seconds
    131048: timedelta(hours=1),  # the number's quality is low: haste makes it worse
}
"""Where the documentation says or suggests how long."""
THROTTLED = frozenset({4, 80007, 130429, 131048, PAIR, 131064, 133016})
IN_TROUBLE = frozenset({1, 2, 131000, 131016, 131057, 135000})
NEVER = {
    131021: "that is our own number",
    131026: "the number is not on WhatsApp, or its app is too old, or its owner has not accepted WhatsApp's terms",
    131030: "a test number writes only to the recipients listed in the App Dashboard",
    131049: "held back as marketing; the template's category has to be 'utility'",
    131050: "the person wants no marketing; the template's category has to be 'utility'",
    130472: "the person is in an experiment of Meta's; the template's category has to be 'utility'",
    130497: "the account may not write to persons in that country",
}


class BadTemplate(Busy):
    """The template is not as it has to be; another may do until somebody has mended it."""


class Outside(Exception):
    """Free words are not taken: the person's last word is more than 24 hours old."""


def meaning(code: int, words: str, response: httpx.Response | None) -> Exception:
    """What to raise: Outside, BadTemplate, Refused or Busy. `code`: Meta's, or HTTP's where there is none of Meta's."""
    status = response.status_code if response is not None else 0
    if code == OUTSIDE:
        return Outside()
    if code in ACCOUNT or 200 <= code < 300 or status == 401:
        return Busy(f"WhatsApp ({code}): {ACCOUNT.get(code, 'not permitted')}; channels.whatsapp: look at the account")
    if code in TEMPLATE:
        return BadTemplate(
            f"WhatsApp ({code}): the template {TEMPLATE[code]}; channels.whatsapp: look at the templates"
        )
    if code in THROTTLED or status == 429:
        return Busy(f"WhatsApp: too many messages ({code})", _pause(response) or PAUSES.get(code))
    if code in IN_TROUBLE or status >= 500:
        return Busy(f"WhatsApp is in trouble ({code})", _pause(response))
    return Refused(f"WhatsApp: {NEVER.get(code, words[:300])} ({code})")


def _pause(response: httpx.Response | None) -> timedelta | None:
    """By Retry-After, or in minutes by https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers."""
    if response is None:
        return None
    named = retry_after(response, datetime.now(UTC))
    if named is not None:
        return named
    try:
        usage = cast("dict[str, list[dict[str, Any]]]", json.loads(response.headers["x-business-use-case-usage"]))
        minutes = max(int(each.get("estimated_time_to_regain_access", 0)) for many in usage.values() for each in many)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return timedelta(minutes=min(minutes, 1_440)) or None
