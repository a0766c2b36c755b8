"""The fund's pages: public ones, the desk, requests and their steps, and what a project publishes."""

from app.fund.blueprint import bp
from app.fund.views import desk, projects, public, requests, results, steps, work

__all__ = ["bp", "desk", "projects", "public", "requests", "results", "steps", "work"]
