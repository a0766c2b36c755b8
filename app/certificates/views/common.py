"""What the pages of certificates share."""

from collections.abc import Collection

from flask import Blueprint, current_app, url_for

from app.accounts import login
from app.audit import service as audit
from app.certificates import queries
from app.certificates.queries import CertificateRow, RequestRow
from app.core import clock
from app.core.actor import Actor
from app.core.db import in_transaction
from app.core.errors import NotFound
from app.core.permissions import Action
from app.people.queries import is_below, who_now
from app.webkit.guards import current_actor

bp = Blueprint("certificates", __name__)


def full_address(row: CertificateRow) -> str:
    """What the printed code says: it opens the whole content."""
    return f"{current_app.config['SETTINGS'].public_url}{url_for('certificates.full', number=row.number, token=row.token)}"


def request_url(request_id: int) -> str:
    return url_for("certificates.request_page", request_id=request_id)


def paper_url(certificate_id: int) -> str:
    return url_for("certificates.show", certificate_id=certificate_id)


def batch_url(batch_id: int) -> str:
    return url_for("certificates.batch_page", batch_id=batch_id)


def publicity_url(publicity_id: int) -> str:
    return url_for("publicity.show", publicity_id=publicity_id)


def keyed(words: str) -> str:
    return login.digest(words)


def reads(actor: Actor, unit_id: int) -> bool:
    return is_below(unit_id, actor.roots(Action.CERTIFICATE_READ), clock.today())


def issues(actor: Actor, unit_id: int) -> bool:
    return is_below(unit_id, actor.roots(Action.CERTIFICATE_ISSUE), clock.today())


def note_look(person_id: int) -> None:
    """Who looked at somebody's hours is known to them afterwards."""
    actor = current_actor()
    if person_id != actor.person_id:
        in_transaction(lambda: audit.record(actor.person_id, "person.view", "person", person_id))


def note_looks(person_ids: Collection[int]) -> None:
    """The same for the few of one batch."""
    actor = current_actor()
    others = sorted({*person_ids} - {actor.person_id})
    in_transaction(lambda: audit.record_all(actor.person_id, [("person.view", "person", one, {}) for one in others]))


def seen_request(request_id: int) -> RequestRow:
    """For the person and for those who read it in its unit; to others it does not exist."""
    row, actor = queries.request(request_id), current_actor()
    if row is None or (who_now(row.person_id) != actor.person_id and not reads(actor, row.unit_id)):
        raise NotFound
    return row


def request_to_decide(request_id: int) -> RequestRow:
    row = queries.request(request_id)
    if row is None or not issues(current_actor(), row.unit_id):
        raise NotFound
    return row


def seen(certificate_id: int) -> CertificateRow:
    row, actor = queries.certificate(certificate_id), current_actor()
    if row is None or (row.now_id != actor.person_id and not reads(actor, row.unit_id)):
        raise NotFound
    return row
