"""The pages of activities: what anyone sees, signing up, and organising."""

from app.activities.views import acting, editing, organising, posters, printing, public, publishing, signing
from app.activities.views.common import bp

__all__ = ["acting", "bp", "editing", "organising", "posters", "printing", "public", "publishing", "signing"]
