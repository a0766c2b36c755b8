from flask import Blueprint

from app.webkit.guards import public

bp = Blueprint("activities", __name__)


@bp.get("/activities")
@public
def index() -> str:
    return "index"
