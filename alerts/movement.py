"""Where a party goes, from camera to camera."""

from collections.abc import Sequence
from itertools import takewhile
from math import atan2, cos, degrees, radians, sin

from alerts.delivery import Movement
from alerts.incursion import Place, Visit, haversine

POINTS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
FASTEST_KM_H = 150.0
"""A greater speed says that two parties were taken for one, or a clock was wrong: then nothing is said."""
NEAREST_M = 50.0
"""Cameras nearer to each other give no direction: a place is as good as whoever wrote it down."""


def movement(visits: Sequence[Visit]) -> Movement | None:
    """From the last camera with a known place but one to the last; None when that says nothing. `visits` by time."""
    placed = [visit for visit in visits if visit.place is not None]
    if not placed:
        return None
    last = placed[-1]
    *_, arrived = takewhile(lambda visit: visit.camera == last.camera, reversed(placed))
    before = [visit for visit in placed if visit.camera != last.camera and visit.last <= arrived.first]
    if not before or before[-1].place is None or last.place is None:
        return None
    metres = haversine(before[-1].place, last.place)
    hours = (arrived.first - before[-1].last).total_seconds() / 3600
    if metres < NEAREST_M or hours <= 0 or metres / 1000 / hours > FASTEST_KM_H:
        return None
    return Movement(POINTS[round(bearing(before[-1].place, last.place) / 45) % 8], metres / 1000 / hours)


def bearing(one: Place, other: Place) -> float:
    """Degrees from north, clockwise, at which the great circle leaves `one` (E. Williams, Aviation Formulary)."""
    across = radians(other.longitude - one.longitude)
    a, b = radians(one.latitude), radians(other.latitude)
    return degrees(atan2(sin(across) * cos(b), cos(a) * sin(b) - sin(a) * cos(b) * cos(across))) % 360
