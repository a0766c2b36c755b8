"""我的微心愿: what one claimed and what one wished for."""

from werkzeug.wrappers import Response

from app.core import clock
from app.webkit.guards import current_actor, signed_in
from app.webkit.htmx import render
from app.wishes.queries import own as read
from app.wishes.rules import OVER
from app.wishes.views.common import bp


@bp.get("/me/wishes")
@signed_in
def mine() -> Response:
    person_id, today = current_actor().person_id, clock.today()
    return render("wishes/mine.html", claims=read.my_claims(person_id, today), wishes=read.my_wishes(person_id, today), over=OVER)
