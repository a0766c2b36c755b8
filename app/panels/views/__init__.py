"""Calls for proposals, panels and their scores."""

from flask import Blueprint

bp = Blueprint("panels", __name__)

from app.panels.views import call_changes, calls, panel, sections, work  # noqa: E402 (the blueprint comes first)

__all__ = ["bp", "call_changes", "calls", "panel", "sections", "work"]
