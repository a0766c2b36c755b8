"""名册: the pages of those who may import below some unit."""

from app.imports.views import batches, lists
from app.imports.views.common import bp

__all__ = ["batches", "bp", "lists"]
