"""申请、受理、出具、撤销、换发: each step by its own person, each once, in the service and in the database."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.audit.models import AuditEvent
from app.certificates import queries, service
from app.certificates.models import Certificate, CertificateCounter, CertificateRequest, CertificateRevocation
from app.certificates.rules import State, Step, Verdict, digest, freeze, thaw
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, Refused
from app.core.permissions import Role
from app.crediting import service as crediting
from app.hours.models import HourEntry
from app.hours.rules import HourClass, SourceKind
from app.publicity import queries as publicity
from app.publicity import service as publicities
from app.publicity.rules import SubjectKind
from app.worklist import queries as worklist
from app.worklist.service import number
from tests.certificates.conftest import SINCE, UNTIL, url


def revoke(desk, certificate_id, by, reason="时长记错了"):
    in_transaction(lambda: service.ask_revocation(certificate_id, by, reason, url, clock.now()))


def decide(revocation_id, by, verdict=Verdict.CONFIRMED, answer=""):
    in_transaction(lambda: service.decide_revocation(revocation_id, by, verdict, answer, url, clock.now()))


def sequence(row):
    """Year and running number in its unit: what the register counts by; the number itself is drawn."""
    return db.session.execute(select(Certificate.year, Certificate.seq).where(Certificate.id == row.id)).one()


def test_one_applies_another_accepts_a_third_issues(desk):
    request = desk.apply()
    assert queries.request(request).step is Step.APPLIED
    assert queries.waiting(desk.make.actor(desk.secretary), clock.now())[0].id == request
    desk.accept(request)
    assert queries.request(request).step is Step.ACCEPTED
    assert not queries.waiting(desk.make.actor(desk.secretary), clock.now())
    assert queries.waiting(desk.make.actor(desk.deputy), clock.now())
    (made,) = desk.issue(request)
    row = queries.certificate(made)
    said = row.content
    assert row.state is State.VALID
    assert said.number == row.number
    assert sequence(row) == (2026, 1)
    assert (said.name, said.unit, said.responsible, said.handler, said.contact) == (
        *("何嘉怡", "锦园第一党支部", "霍静雯", "霍静雯", "0757-0000 0000"),
    )
    assert (said.credit, said.honour, said.times) == (2790, 270, 2)
    assert [(line.content, line.credit, line.honour) for line in said.lines] == [
        ("邻里节摊位与引导", 2790, 0),
        ("楼道清洁、垃圾分类引导", 0, 270),
    ]
    assert any("出具了" in notice.text for notice in worklist.notices(desk.member))
    assert not number(queries.waiting_count(desk.make.actor(desk.deputy), clock.now()))


def test_doing_a_step_again_changes_nothing(desk):
    request = desk.apply()
    assert desk.apply() == request
    desk.accept(request)
    desk.accept(request)
    (made,) = desk.issue(request)
    assert desk.issue(request) == []
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 1
    revoke(desk, made, desk.secretary)
    revoke(desk, made, desk.secretary)
    waiting = queries.revocation_waiting(made)
    decide(waiting.id, desk.deputy)
    decide(waiting.id, desk.deputy)
    assert queries.certificate(made).state is State.REVOKED


def test_nobody_handles_their_own_or_does_two_steps(desk):
    desk.serve(desk.secretary)
    own = desk.apply(desk.secretary, unit_id=desk.unit) if _third(desk) else None
    with pytest.raises(Refused, match="您自己的"):
        desk.accept(own)
    request = desk.apply()
    desk.accept(request)
    with pytest.raises(Refused, match="您受理的"):
        desk.issue(request, by=desk.secretary)
    desk.accept(own, by=desk.deputy)
    with pytest.raises(Refused, match="您自己的"):
        desk.issue(own, by=desk.secretary)
    (made,) = desk.issue(request)
    revoke(desk, made, desk.secretary)
    with pytest.raises(Refused, match="您提出的"):
        decide(queries.revocation_waiting(made).id, desk.secretary)


def _third(desk):
    """Somebody above, so that two others can decide about the secretary."""
    above = desk.make.person("李副书记")
    desk.make.grant(above, Role.SECRETARY, desk.street)
    desk.make.account(above)
    return above


def test_the_database_refuses_the_same(desk):
    request = desk.apply()
    desk.accept(request)
    values = {"request_id": request, "person_id": desk.member, "unit_id": desk.unit, "year": 2026, "token": "t" * 22, "digest": "d" * 64}
    values |= {"content": "{}", "issued_at": clock.now(), "issued_by_id": desk.deputy, "seq": 1, "number": "GC-1"}
    for wrong in ({"seq": 2}, {"issued_by_id": desk.secretary}, {"issued_by_id": desk.member}, {"person_id": desk.deputy}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda wrong=wrong: db.session.add(Certificate(**values | wrong)))
    desk.issue(request)
    for change in ({"purpose": "升学"}, {"ended_at": clock.now()}):
        with pytest.raises(IntegrityError):
            in_transaction(lambda change=change: db.session.execute(update(CertificateRequest).values(**change)))


def test_nothing_served_is_nothing_to_certify(desk):
    with pytest.raises(Invalid, match="有几处要改"):
        desk.apply(desk.deputy)
    with pytest.raises(Invalid):
        desk.apply(since=date(2025, 1, 1), until=date(2025, 12, 31))


def test_where_nobody_else_could_decide_it_is_said_at_once(desk):
    lonely = desk.make.unit("街坊会")
    with pytest.raises(Invalid):
        desk.apply(unit_id=lonely)


def test_returned_with_a_reason_and_withdrawn_by_the_person(desk):
    request = desk.apply()
    in_transaction(lambda: service.send_back(request, desk.secretary, "请先核对三月的记录", "/me/certificates", clock.now()))
    assert queries.request(request).step is Step.RETURNED
    with pytest.raises(Conflict):
        desk.accept(request)
    second = desk.apply()
    assert second != request
    in_transaction(lambda: service.withdraw(second, desk.member, clock.now()))
    with pytest.raises(Conflict):
        desk.accept(second)


def test_what_is_reversed_is_not_certified(desk):
    source = db.session.scalars(select(HourEntry.source_id).where(HourEntry.minutes == 2790)).one()
    by = {"made_by_id": desk.secretary, "approved_by_id": desk.deputy}
    in_transaction(lambda: crediting.reverse(SourceKind.ATTENDANCE, [source], "记错了", clock.now(), **by))
    said = desk.issued().content
    assert (said.credit, said.honour, said.times) == (0, 270, 1)


def test_a_replaced_certificate_names_its_successor_and_a_revoked_one_is_not_replaced(desk):
    first = desk.issued()
    request = in_transaction(lambda: service.reissue(first.id, desk.member, "姓名写错", url, clock.now()))
    desk.accept(request)
    (made,) = desk.issue(request)
    second = queries.certificate(made)
    assert queries.certificate(first.id).state is State.REPLACED
    assert queries.certificate(first.id).replaced_by == second.number
    assert second.content.replaces == first.number
    with pytest.raises(Conflict):
        revoke(desk, first.id, desk.secretary)
    revoke(desk, second.id, desk.secretary)
    third = in_transaction(lambda: service.reissue(second.id, desk.member, "再换", url, clock.now()))
    decide(queries.revocation_waiting(second.id).id, desk.deputy)
    desk.accept(third)
    with pytest.raises(Conflict, match="已经撤销"):
        desk.issue(third)


def test_a_revocation_that_is_refused_leaves_it_valid(desk):
    made = desk.issued()
    revoke(desk, made.id, desk.secretary)
    waiting = queries.waiting_revocations(desk.make.actor(desk.deputy), clock.now())
    decide(waiting[0].id, desk.deputy, Verdict.REFUSED, "查过了，没有错")
    assert queries.certificate(made.id).state is State.VALID
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(update(CertificateRevocation).values(verdict=Verdict.CONFIRMED)))


def test_what_was_issued_stays_whatever_the_ledger_does_later(desk):
    made = desk.issued()
    desk.serve(desk.member, 600)
    again = queries.certificate(made.id)
    assert (again.content, again.digest) == (made.content, made.digest)
    assert freeze(thaw(made.frozen)) == made.frozen


def test_a_changed_row_no_longer_fits_its_digest(desk):
    made = desk.issued()
    with pytest.raises(DatabaseError, match="append-only"):
        in_transaction(lambda: db.session.execute(update(Certificate).values(content="{}")))
    with db.engine.connect() as connection:  # whoever owns the database can still do it by force; the digest and the audit tell
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER certificate_no_update"))
        else:
            connection.execute(text("ALTER TABLE certificate DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE certificate SET content = replace(content, '2790', '9790')"))
    broken = queries.certificate(made.id)
    assert broken.state is State.BROKEN
    kept = db.session.scalars(select(AuditEvent.detail).where(AuditEvent.action == "certificate")).one()
    assert kept["digest"] == made.digest != digest(broken.frozen)


def test_it_is_shown_to_the_members_of_the_unit_where_the_rule_says_so(desk):
    made = desk.issued()
    shown = publicity.standing(SubjectKind.CERTIFICATE, [made.id])[made.id]
    assert made.number in shown.title
    assert shown.unit_id == desk.unit
    in_transaction(lambda: service.set_rule(publicise=False, by_id=desk.secretary, now=clock.now()))
    other = desk.issued(until=date(2026, 11, 20))
    assert not publicity.standing(SubjectKind.CERTIFICATE, [other.id])


def test_a_batch_is_accepted_by_one_and_issued_by_another(desk):
    names = ("陈志远", "谭嘉欣", "霍绮华")
    people = [desk.make.person(name, home=desk.unit) for name in names]
    for nth, person in enumerate(people[:2], 1):
        desk.serve(person, 60 * nth, hour_class=HourClass.HONOUR)
    offered = queries.members_with_hours(desk.unit, SINCE, UNTIL, clock.today())
    assert {row.name for row in offered} == {"何嘉怡", "陈志远", "谭嘉欣"}
    asking = desk.asking(people[0], purpose="年度")
    batch, many = in_transaction(lambda: service.accept_batch(asking, people, "0757-0000 0000", "", desk.secretary, url, clock.now()))
    assert many == 2
    assert queries.waiting_batches(desk.make.actor(desk.deputy), clock.now())[0].id == batch
    assert not queries.waiting_batches(desk.make.actor(desk.secretary), clock.now())
    made = desk.issue(*(row.id for row in queries.requests_of_batch(batch)))
    rows = queries.issued_of_batch(batch)
    assert [sequence(row) for row in rows] == [(2026, 1), (2026, 2)]
    assert len(publicity.lines(publicity.standing(SubjectKind.CERTIFICATE, made)[made[0]].id)) == 2
    assert not number(queries.waiting_count(desk.make.actor(desk.deputy), clock.now()))


def test_numbers_have_no_gap_and_begin_anew_each_year_and_in_each_unit(desk, monkeypatch):
    from app.certificates.service import issuing

    first = desk.apply()
    desk.accept(first)
    monkeypatch.setattr(issuing, "digest", lambda _frozen: "too short")
    with pytest.raises(IntegrityError):
        desk.issue(first)
    monkeypatch.undo()
    assert not db.session.scalars(select(CertificateCounter.last)).all()
    desk.issue(first)
    elsewhere = desk.make.unit("锦园第二党支部", parent=desk.street)
    for person, role in ((desk.secretary, Role.SECRETARY), (desk.deputy, Role.DEPUTY)):
        desk.make.grant(person, role, elsewhere)
    assert sequence(desk.issued(unit_id=elsewhere)) == (2026, 1)
    assert sequence(desk.issued(until=date(2026, 11, 20))) == (2026, 2)
    in_transaction(lambda: publicities.set_holidays([date(2027, 1, 1)], [], desk.secretary, clock.now()))
    with clock.frozen_at(clock.now() + timedelta(days=45)):
        assert sequence(desk.issued(until=date(2027, 1, 1))) == (2027, 1)
