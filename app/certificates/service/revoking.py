"""撤销 by two people, 换发 under a new number, and the local rule. Called inside a write transaction."""

from datetime import datetime

from sqlalchemy import select, update

from app.accounts.deciders import deciders, nearest
from app.audit import service as audit
from app.certificates import queries
from app.certificates.models import (
    CertificateRevocation,
)
from app.certificates.queries import CertificateRow, RevocationRow
from app.certificates.rules import (
    Asking,
    State,
    Verdict,
    revocation_fault,
)
from app.certificates.service.asking import UrlOf, apply
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, NotFound, Refused
from app.core.permissions import Action
from app.people.service import lock_persons
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import SubjectKind
from app.settings import service as settings
from app.worklist.service import notify


def ask_revocation(certificate_id: int, by_id: int, reason: str, url_of: UrlOf, now: datetime) -> None:
    """撤销 is asked for by one; another decides. While one waits, asking again changes nothing. Raises Conflict when it holds no more."""
    writing()
    row = _held(certificate_id)
    if row.state in (State.REVOKED, State.REPLACED):
        raise Conflict("这份证明已经撤销或换发了。")
    if row.now_id == by_id:
        raise Refused("这是您自己的证明，要由另一位来撤销。")
    values = {
        "certificate_id": certificate_id,
        "unit_id": row.unit_id,
        "reason": reason,
        "asked_by_id": by_id,
        "asked_at": now,
        "answer": "",
    }
    asking = upsert(CertificateRevocation).values(values).on_conflict_do_nothing().returning(CertificateRevocation.id)
    made = db.session.execute(asking).scalar_one_or_none()
    if made is None:
        return
    audit.record(by_id, "certificate.revocation_request", "certificate", certificate_id, number=row.number)
    others = deciders(row.unit_id, Action.CERTIFICATE_ISSUE, local_date(now), {by_id, row.now_id})
    for one in nearest(others) if others else ():
        notify(one.person_id, f"证明 {row.number} 有人提出撤销，等您定", url_of(certificate_id))


def decide_revocation(revocation_id: int, by_id: int, verdict: Verdict, answer: str, url_of: UrlOf, now: datetime) -> RevocationRow:
    """The second person's word; confirmed, the certificate is void from now on. Doing it again changes nothing."""
    writing()
    db.session.execute(select(CertificateRevocation.id).where(CertificateRevocation.id == revocation_id).with_for_update())
    row = queries.revocation(revocation_id)
    if row is None:
        raise NotFound
    if fault := revocation_fault(by_id, row.person_id, row.asker_id):
        raise Refused(f"{fault}。")
    if row.verdict is not None:
        if row.verdict is verdict:
            return row
        raise Conflict("另一位已经定了，请刷新看看。")
    deciding = update(CertificateRevocation).where(CertificateRevocation.id == revocation_id)
    db.session.execute(deciding.values(decided_at=now, decided_by_id=by_id, verdict=verdict, answer=answer))
    if verdict is Verdict.REFUSED:
        audit.record(by_id, "certificate.revocation_refusal", "certificate", row.certificate_id, number=row.number)
        notify(row.asker_id, f"证明 {row.number} 没有撤销，请看说明", url_of(row.certificate_id))
        return row
    audit.record(by_id, "certificate.revocation", "certificate", row.certificate_id, number=row.number)
    notify(row.person_id, f"您的志愿服务记录证明 {row.number} 撤销了：{row.reason}", url_of(row.certificate_id))
    _take_down(row, by_id, now)
    return row


def _take_down(row: RevocationRow, by_id: int, now: datetime) -> None:
    """The 公示 of what is all revoked ends."""
    first = queries.certificate(row.certificate_id)
    together = queries.shown_together(first.shown_as_id) if first else []
    shown = publicity.standing(SubjectKind.CERTIFICATE, [first.shown_as_id]).get(first.shown_as_id) if first else None
    if shown and shown.concluded_on is None and all(one.state is State.REVOKED for one in together):
        publicities.withdraw(shown.id, by_id, "证明撤销了", now)


def reissue(certificate_id: int, maker_id: int, reason: str, url_of: UrlOf, now: datetime) -> int:
    """换发: a request with the same particulars, that ends in a new number which names this one. Raises Conflict when it holds no more."""
    writing()
    row = _held(certificate_id)
    if row.state in (State.REVOKED, State.REPLACED):
        raise Conflict("这份证明已经撤销或换发了，请重新申请。")
    before = queries.request(row.request_id)
    if before is None:
        raise NotFound
    asking = Asking(
        *(row.now_id, row.unit_id, before.since, before.until, reason),
        *(before.document_kind, before.document_masked, before.document_hash),
    )
    return apply(asking, maker_id, url_of, now, replaces_id=certificate_id)


def _held(certificate_id: int) -> CertificateRow:
    """A person's certificates change one after the other: their row is the lock, because a certificate's own may not be touched."""
    row = queries.certificate(certificate_id)
    if row is None:
        raise NotFound
    lock_persons([row.person_id])
    again = queries.certificate(certificate_id)
    assert again is not None  # noqa: S101 (certificates are never deleted)
    return again


def set_rule(*, publicise: bool, by_id: int, now: datetime) -> None:
    settings.put(queries.SETTING, {"publicise": publicise}, by_id, now)
