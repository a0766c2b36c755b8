"""What became of the money: papers, photos, activities, reports, and the days by which they are due."""

from app.results.blueprint import bp
from app.results.views import chain, duties, papers, parts, photos, reports

__all__ = ["bp", "chain", "duties", "papers", "parts", "photos", "reports"]
