from flask import Blueprint

from app.webkit.guards import public

bp = Blueprint("accounts", __name__)


@bp.get("/sign-in")
@public
def sign_in() -> str:
    return "sign_in"
