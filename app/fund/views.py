from flask import Blueprint

from app.webkit.guards import public

bp = Blueprint("fund", __name__)


@bp.get("/fund")
@public
def index() -> str:
    return "index"
