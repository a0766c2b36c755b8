from flask import Blueprint

from app.webkit.guards import signed_in

bp = Blueprint("imports", __name__)


@bp.get("/imports")
@signed_in
def index() -> str:
    return "index"
