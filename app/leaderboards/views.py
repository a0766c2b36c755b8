from flask import Blueprint

from app.webkit.guards import public

bp = Blueprint("leaderboards", __name__)


@bp.get("/boards")
@public
def boards() -> str:
    return "boards"
