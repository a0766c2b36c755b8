"""Reading schemes: where people stand, what is proposed about them, drafts and what they would change."""

from app.schemes.queries.scores import exemptions, scores, year_of

__all__ = ["exemptions", "scores", "year_of"]
