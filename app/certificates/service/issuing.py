"""出具: the records as they stand, the next number, frozen. Called inside a write transaction."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import insert, update

from app.audit import service as audit
from app.certificates import queries
from app.certificates.models import (
    Certificate,
    CertificateCounter,
    CertificateRequest,
)
from app.certificates.queries import CertificateRow, RequestRow
from app.certificates.rules import (
    DRAWN,
    DRAWN_LENGTH,
    Content,
    Line,
    State,
    Step,
    certificate_number,
    digest,
    freeze,
    issue_fault,
    responsible,
    sums,
)
from app.certificates.service.asking import MOVED, NOTHING, UrlOf, locked, name_of
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Refused
from app.core.words import hours_number
from app.people.naming import volunteer_number
from app.people.service import lock_persons
from app.publicity import service as publicity
from app.publicity.rules import Line as ShownLine
from app.publicity.rules import Notice, Reach, Subject, SubjectKind
from app.worklist.service import notify


def issue(request_ids: Sequence[int], issuer_id: int, own_url: UrlOf, shown_url: UrlOf, now: datetime) -> list[int]:
    """出具: each request that waits gets its certificate, with the records as they stand now, the next numbers of its unit, and is frozen.

    Returns the ids of the certificates; requests that are issued already are left out, so that doing it again changes nothing. Those of
    one unit are publicised together where the local rule says so. Raises Refused for one's own and for what one has accepted.
    """
    writing()
    found = [locked(request_id) for request_id in sorted(request_ids)]
    waiting = [row for row in found if row.step is not Step.ISSUED]
    for row in waiting:
        if row.step is not Step.ACCEPTED:
            raise Conflict(MOVED)
        if fault := issue_fault(issuer_id, row.person_id, row.handler_id):
            raise Refused(f"{fault}。")
    lock_persons(sorted({row.person_id for row in waiting}))
    made: list[int] = []
    for row in waiting:
        made.append(_issue_one(row, issuer_id, made[0] if made else None, now))
        notify(row.person_id, "您的志愿服务记录证明出具了，可以下载、打印", own_url(made[-1]))
    if made and queries.publicises():
        _publicise(waiting, made, issuer_id, shown_url, now)
    return made


def _issue_one(row: RequestRow, issuer_id: int, shown_as_id: int | None, now: datetime) -> int:
    today = local_date(now)
    lines = tuple(line for line, _ in queries.services([row.person_id], row.since, row.until).get(row.person_id, ()))
    if not lines:
        raise Conflict(f"{row.person_name}：{NOTHING}。请退回。")
    seq = _next_number(row.unit_id, today.year)
    drawn = "".join(secrets.choice(DRAWN) for _ in range(DRAWN_LENGTH))
    content = _content(row, lines, certificate_number(today.year, drawn), issuer_id, today)
    frozen = freeze(content)
    values = {
        "request_id": row.id,
        "person_id": row.person_id,
        "unit_id": row.unit_id,
        "year": today.year,
        "seq": seq,
        "number": content.number,
        "token": secrets.token_urlsafe(18),
        "content": frozen,
        "digest": digest(frozen),
        "issued_at": now,
        "issued_by_id": issuer_id,
        "replaces_id": row.replaces_id,
        "shown_as_id": shown_as_id,
    }
    certificate_id: int = db.session.execute(insert(Certificate).values(values).returning(Certificate.id)).scalar_one()
    db.session.execute(update(CertificateRequest).where(CertificateRequest.id == row.id).values(issued_at=now))
    audit.record(issuer_id, "certificate", "certificate", certificate_id, number=content.number, digest=digest(frozen))
    return certificate_id


def _next_number(unit_id: int, year: int) -> int:
    """The counter's row stays locked until this transaction ends, and falls back with it."""
    counter = CertificateCounter
    counting = upsert(counter).values(unit_id=unit_id, year=year, last=1)
    counting = counting.on_conflict_do_update(index_elements=["unit_id", "year"], set_={"last": counter.last + 1})
    return int(db.session.execute(counting.returning(counter.last)).scalar_one())


def _content(row: RequestRow, lines: tuple[Line, ...], number: str, issuer_id: int, today: date) -> Content:
    credit, honour, times = sums(lines)
    replaced = _replaced(row)
    return Content(
        number=number,
        issued_on=today.isoformat(),
        name=row.person_name,
        volunteer_number=volunteer_number(row.person_id),
        document_kind=row.document_kind.value if row.document_kind else "",
        document_masked=row.document_masked,
        since=row.since.isoformat(),
        until=row.until.isoformat(),
        purpose=row.purpose,
        credit=credit,
        honour=honour,
        times=times,
        lines=lines,
        unit=row.unit_name,
        unit_public=queries.public_unit(row.unit_id, today),
        responsible=responsible(queries.secretary(row.unit_id, today), name_of(issuer_id, today)),
        handler=row.handler_name or "",
        contact=row.contact,
        notes=row.notes,
        replaces=replaced.number if replaced else "",
    )


def _replaced(row: RequestRow) -> CertificateRow | None:
    """The certificate that this one takes the place of. Raises Conflict when that holds no more."""
    before = queries.certificate(row.replaces_id) if row.replaces_id else None
    if before and before.state in (State.REVOKED, State.REPLACED):
        raise Conflict(f"要换发的 {before.number} 已经撤销或换发了。请退回。")
    return before


def _publicise(issued: Sequence[RequestRow], made: Sequence[int], issuer_id: int, shown_url: UrlOf, now: datetime) -> None:
    """The members of the unit see what it has certified (民发〔2015〕149号)."""
    rows = [queries.certificate(one) for one in made]
    contents = [row.content for row in rows if row]
    title = f"志愿服务记录证明 {contents[0].number}" + (f" 等 {len(contents)} 份" if len(contents) > 1 else "")
    lines = tuple(
        ShownLine(row.person_id, f"{one.number}，信用 {hours_number(one.credit)} 小时，荣誉 {hours_number(one.honour)} 小时")
        for row, one in zip(issued, contents, strict=True)
    )
    notice = Notice(
        subject=Subject(SubjectKind.CERTIFICATE, made[0]),
        unit_id=issued[0].unit_id,
        reach=Reach.BRANCH,
        title=title[:80],
        lines=lines,
        words="出具的证明在本组织成员中公示。对时长有疑问，请在公示期内提出。",
        phone=issued[0].contact[:40],
        makers=frozenset(row.handler_id for row in issued if row.handler_id is not None),
    )
    publicity.publish(notice, issuer_id, shown_url, now)
