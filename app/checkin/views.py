from flask import Blueprint

from app.webkit.guards import signed_in

bp = Blueprint("checkin", __name__)


@bp.get("/check-in")
@signed_in
def tab() -> str:
    return "tab"
