"""What follows from the 公示 of certificates: an objection that was upheld asks for their revocation, and in the end nothing more can come.

Called inside a write transaction.
"""

from datetime import date, datetime

from app.certificates import queries
from app.certificates.queries import CertificateRow
from app.certificates.rules import LONGEST_REASON, State
from app.certificates.service.asking import UrlOf
from app.certificates.service.revoking import ask_revocation
from app.publicity import queries as shown
from app.publicity import service as publicity
from app.publicity.rules import SubjectKind


def follow_objection(certificate_id: int, about_id: int | None, answer: str, by_id: int, url_of: UrlOf, now: datetime) -> None:
    """Whoever found an objection right asks that what it is about is taken back, with their answer as the reason; another decides.

    `certificate_id` is the one under which the 公示 stands. Of one that was reissued meanwhile the newest is meant. What is revoked
    already, or waits for it, stays as it is.
    """
    for one in queries.shown_together(certificate_id):
        standing = _newest(one)
        if (about_id is None or one.person_id == about_id) and standing.state is State.VALID:
            ask_revocation(standing.id, by_id, f"公示异议成立：{answer}"[:LONGEST_REASON], url_of, now)


def _newest(row: CertificateRow) -> CertificateRow:
    while row.replaced_by and (later := queries.numbered(row.replaced_by)):
        row = later
    return row


def due(today: date) -> list[int]:
    """The publicities of certificates that have ended, with nothing open and nothing to be keyed in any more."""
    return [row.id for row in shown.due(SubjectKind.CERTIFICATE, today)]


def conclude(publicity_id: int, now: datetime) -> None:
    """From here on nobody can object to it here. Doing it again changes nothing."""
    publicity.conclude(publicity_id, now)
