"""The fence: was a phone near the place of an activity? Pure. A person's coordinates come in, are judged, and go no further.

Phones in the mainland may tell their place in either of two systems, WGS-84 or the shifted GCJ-02 of the maps, some 500 m
apart, and do not say which. Who is inside under either reading is inside.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

LEAST_METRES, MOST_METRES, USUAL_METRES = 50, 2000, 200
MOST_DOUBT = 150  # metres by which a phone may be unsure of itself in its own favour
EARTH = 6_371_000
AXIS, ECCENTRICITY = 6_378_245.0, 0.00669342162296594323  # of the ellipsoid that GCJ-02 is computed on


class Fence(StrEnum):
    """All that is ever kept of where somebody was."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    NOT_GIVEN = "not_given"


@dataclass(frozen=True)
class Spot:
    """Degrees. `accuracy` is the phone's own doubt in metres."""

    latitude: float
    longitude: float
    accuracy: float = 0


@dataclass(frozen=True)
class Circle:
    """The place of an activity: millionths of a degree, as stored, and how far around it counts as there."""

    latitude_e6: int
    longitude_e6: int
    metres: int

    @property
    def centre(self) -> Spot:
        return Spot(self.latitude_e6 / 1_000_000, self.longitude_e6 / 1_000_000)


def judge(circle: Circle, spot: Spot | None) -> Fence:
    if spot is None:
        return Fence.NOT_GIVEN
    centre, reach = circle.centre, circle.metres + min(max(spot.accuracy, 0), MOST_DOUBT)
    readings = ((spot, centre), (shifted(spot), centre), (spot, shifted(centre)))
    return Fence.INSIDE if min(metres_between(one, other) for one, other in readings) <= reach else Fence.OUTSIDE


def spot_of(latitude: str, longitude: str, accuracy: str = "") -> Spot | None:
    """What a phone sent; None for nothing, or for what is no place on earth."""
    try:
        spot = Spot(float(latitude), float(longitude), float(accuracy or 0))
    except ValueError:
        return None
    whole = all(math.isfinite(one) for one in (spot.latitude, spot.longitude, spot.accuracy))
    return spot if whole and abs(spot.latitude) <= 90 and abs(spot.longitude) <= 180 else None


def metres_between(one: Spot, other: Spot) -> float:
    lat, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((lat2 - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(lat2) * math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(min(1.0, half)))


def shifted(spot: Spot) -> Spot:
    """WGS-84 → GCJ-02, by the published formula."""
    x, y = spot.longitude - 105, spot.latitude - 35
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    latitude = math.radians(spot.latitude)
    magic = 1 - ECCENTRICITY * math.sin(latitude) ** 2
    north = north * 180 / ((AXIS * (1 - ECCENTRICITY)) / (magic * math.sqrt(magic)) * math.pi)
    east = east * 180 / (AXIS / math.sqrt(magic) * math.cos(latitude) * math.pi) if abs(spot.latitude) < 89 else 0
    return Spot(spot.latitude + north, spot.longitude + east, spot.accuracy)
