"""The pages of activities: what anyone sees, signing up, and organising."""

from app.activities.views import acting, organising, posters, printing, public, signing
from app.activities.views.common import bp

__all__ = ["acting", "bp", "organising", "posters", "printing", "public", "signing"]
