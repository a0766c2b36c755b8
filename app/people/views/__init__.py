"""The pages of people, units and places. A module of pages is one line in the import below."""

from app.people.views import departures, directory, manage, places, profile, stages, ties, units
from app.people.views.common import bp

__all__ = ["bp", "departures", "directory", "manage", "places", "profile", "stages", "ties", "units"]
