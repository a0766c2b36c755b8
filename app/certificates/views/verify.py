"""查验: what anybody may see of a number (masked), and what the printed code opens (everything)."""

import hmac
from datetime import timedelta

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.certificates import queries
from app.certificates.queries import CertificateRow
from app.certificates.rules import STATE_NAMES, check_word, tidy_number
from app.certificates.views.common import bp
from app.core import clock
from app.core.errors import NotFound, TooMany
from app.core.limits import Limit, wait_for
from app.people.naming import mask_name
from app.publicity import queries as publicity
from app.publicity.rules import State as Shown
from app.publicity.rules import SubjectKind
from app.webkit.guards import public
from app.webkit.htmx import render
from app.webkit.peer import peer

LOOKS = Limit("verify", 60, timedelta(minutes=1), lets_through=True)  # from one address: a hall full of phones behind it gets through


def _pace() -> None:
    """What a look shows is masked, and the unguessable code is not counted.

    Numbers are drawn from 2^40, so going through them finds nothing; this only keeps whoever tries from taking the machine.
    """
    if wait := wait_for(LOOKS, peer(), clock.now()):
        raise TooMany("查得太快了，请过一分钟再查。扫证明上的二维码不受影响。", wait)


@bp.get("/verify")
@public
def verify_form() -> Response:
    typed = request.args.get("number", "")[:40]
    number = tidy_number(typed)
    if number:
        return redirect(url_for("certificates.verify", number=number))
    faults = {"number": "编号写成 GC-2026-7K3M-9QXA 这样，在证明的左上角"} if typed else {}
    return render("certificates/verify_form.html", status=422 if faults else 200, faults=faults, kept={"number": typed})


@bp.get("/verify/<number>")
@public
def verify(number: str) -> Response:
    """Masked name, hours, issuer, date and state. One query, whether there is such a number or not."""
    _pace()
    row = queries.numbered(tidy_number(number[:40]) or "")
    if row is None:
        return render("certificates/unknown.html", status=404, number=number[:40])
    return render(
        "certificates/verify.html",
        row=row,
        said=row.content if row.whole else None,
        name=mask_name(row.content.name) if row.whole else "",
        state_names=STATE_NAMES,
        shown=_shown(row),
    )


@bp.get("/verify/<number>/<token>")
@public
def full(number: str, token: str) -> Response:
    """What the code on the paper opens: whoever holds the paper may compare every line of it."""
    row = queries.numbered(tidy_number(number[:40]) or "")
    if row is None or not hmac.compare_digest(token.encode(), row.token.encode()):
        raise NotFound("这个二维码打不开证明。请按编号查，或联系出具单位。")
    return render(
        "certificates/full.html",
        row=row,
        said=row.content if row.whole else None,
        state_names=STATE_NAMES,
        check=check_word(row.digest),
        shown=_shown(row),
    )


def _shown(row: CertificateRow) -> str:
    """What its 公示 says of a certificate: running; upheld: an objection was found right; cleared: it was, and it stands all the same."""
    found = publicity.standing(SubjectKind.CERTIFICATE, [row.shown_as_id]).get(row.shown_as_id)
    if found is None:
        return ""
    if found.upheld and publicity.upheld_about(found.id, row.person_id):
        return "upheld" if row.revocation_asked else "cleared"
    return "running" if found.state(clock.today()) in (Shown.RUNNING, Shown.HEARING) else ""
