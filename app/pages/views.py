from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.webkit.guards import local_path, public, signed_in

bp = Blueprint("pages", __name__)


@bp.get("/")
@public
def home() -> str:
    return "home"


@bp.get("/me")
@signed_in
def me() -> str:
    return "me"


@bp.get("/branch")
@signed_in
def branch() -> str:
    return "branch"


@bp.post("/look")
@public
def set_look() -> Response:
    """大字版 and the theme: a choice of this browser, kept in a plain cookie. What is not named stays as it was."""
    before = request.cookies.get("look", "").split()
    size = request.form.get("size", "big" if "big" in before else "")
    theme = request.form.get("theme", next((word for word in before if word in {"dark", "light"}), ""))
    look = " ".join(word for word in (size, theme) if word in {"big", "dark", "light"})
    response = redirect(local_path(request.form.get("next")) or url_for("pages.home"), 303)
    response.set_cookie("look", look, max_age=400 * 86400, samesite="Lax", httponly=True)
    return response
