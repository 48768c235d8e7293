"""What the pages say: counts, times and distances in plain English."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PLURALS = {
    "person": "people",
    "vehicle": "vehicles",
    "bicycle": "bicycles",
    "car": "cars",
    "motorcycle": "motorcycles",
    "bus": "buses",
    "truck": "trucks",
    "dog": "dogs",
    "elephant": "elephants",
    "animal": "animals",
}
CHANNELS = {
    "web": "phone page", "telegram": "Telegram", "line": "LINE", "whatsapp": "WhatsApp", "signal": "Signal",
    "sms": "SMS", "modem": "SMS by our modem", "email": "e-mail", "voice": "call", "relay": "radio",
}  # fmt: skip


def counted(counts: Mapping[str, Any]) -> str:
    """'2 people, 1 motorcycle': people first, then by number."""
    order = sorted(counts.items(), key=lambda each: (each[0] != "person", -int(each[1]), each[0]))
    words = [f"{number} {label if number == 1 else PLURALS.get(label, label)}" for label, number in order if number]
    return ", ".join(words) or "something"


def sure(score: float) -> str:
    """'87 % sure'. `score` is 0 to 1."""
    return f"{percent(score)} % sure"


def percent(score: float) -> int:
    """Rounded down: nobody should read 100 % where the detector did not say so."""
    return int(score * 100 + 1e-9)


def channel(name: str) -> str:
    return CHANNELS.get(name, name)


def distance(passed: timedelta) -> str:
    """'12 s', '4 min', '2 h 10 min', '3 days'. The pages' ago.js says the same."""
    seconds = max(0, int(passed.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = hours // 24
    return f"{days} day" if days == 1 else f"{days} days"


def ago(moment: datetime, now: datetime) -> str:
    return f"{distance(now - moment)} ago"


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """'03:41'."""
    return moment.astimezone(zone).strftime("%H:%M")


def clock_s(moment: datetime, zone: ZoneInfo) -> str:
    """'03:41:07'."""
    return moment.astimezone(zone).strftime("%H:%M:%S")


def clock_ms(moment: datetime, zone: ZoneInfo) -> str:
    """'03:41:07.250'."""
    local = moment.astimezone(zone)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """'Tuesday 4 March 2025'."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y}"


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """'Tue 4 Mar'."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


def day_from(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """'Today', 'Yesterday', or the day itself, all by the park's calendar."""
    days = (now.astimezone(zone).date() - moment.astimezone(zone).date()).days
    return {0: "Today", 1: "Yesterday"}.get(days, day(moment, zone))


def milliseconds(passed: timedelta) -> str:
    """'35 ms', '2.41 s', '5 min', with its sign when clocks disagree."""
    ms = passed / timedelta(milliseconds=1)
    if ms < 0:
        return "\u2212" + milliseconds(-passed)
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"
    return distance(passed)
