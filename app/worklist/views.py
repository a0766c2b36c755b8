from flask import Blueprint

from app.webkit.guards import signed_in

bp = Blueprint("worklist", __name__)


@bp.get("/work")
@signed_in
def index() -> str:
    return "index"


@bp.get("/notices")
@signed_in
def notices() -> str:
    return "notices"
