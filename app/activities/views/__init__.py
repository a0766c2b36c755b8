"""The pages of activities: what anyone sees, signing up, and organising."""

from app.activities.views import organising, posters, public, signing
from app.activities.views.common import bp

__all__ = ["bp", "organising", "posters", "public", "signing"]
