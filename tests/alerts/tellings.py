"""A telling to vary in tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from alerts.delivery import IncursionTelling, Kind, NoticeTelling

SEEN = datetime(2026, 3, 4, 20, 40, 12, tzinfo=UTC)
"""03:40:12 in Bangkok, the night to 5 March."""

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
"""Begins and ends as a JPEG does."""

PLAIN = IncursionTelling(
    delivery=1,
    park="Khao Yai",
    incursion=42,
    revision=1,
    area="Khlong E-Thao",
    place="North gate",
    camera="CAM-12",
    zone="Asia/Bangkok",
    language="en",
    first_seen=SEEN,
    last_seen=SEEN,
    counts={"person": 2},
    score=0.874,
    cameras=1,
    late=False,
    has_photo=True,
    photo=JPEG,
    link=None,
)


def telling(**changes: Any) -> IncursionTelling:
    return replace(PLAIN, **changes)


def notice(**changes: Any) -> NoticeTelling:
    """A silent camera, unless told otherwise."""
    silent = NoticeTelling(
        delivery=2,
        notice=7,
        kind=Kind.CAMERA_SILENT,
        since=SEEN,
        revision=1,
        park="Khao Yai",
        area="Khlong E-Thao",
        place="North gate",
        camera="CAM-12",
        zone="Asia/Bangkok",
        language="en",
        facts={"battery_percent": 12.0},
    )
    return replace(silent, **changes)
