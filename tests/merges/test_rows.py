"""What becomes of everything else that names a person, and that undoing gives it all back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, insert, or_, select

from app.accounts.models import AccountSession, ActivationCode
from app.accounts.queries import candidates
from app.accounts.rules import CodePurpose
from app.activities.models import Shift, Signup
from app.cards.models import MemberCard
from app.core import clock
from app.core.db import Base, db, in_transaction
from app.core.errors import Conflict
from app.core.permissions import Role
from app.merges import service
from app.merges.policies import ABOUT, REACHED, policy_of
from app.merges.queries.digest import digest
from app.people import queries as people
from app.people.models import Consent, Membership, Person, Stage
from app.people.rules import ConsentKind, Gender, MembershipKind, StageKind
from app.proxies.models import Proxy
from app.proxies.rules import Agreement, Relation
from app.web import tables  # noqa: F401 (so that the metadata is whole)
from app.worklist.models import Notice
from tests.merges.second_hands import HARMLESS, JUDGED_ANEW, LAST_WORD

ROOT = Path(__file__).parents[2]
LEDGERS = {"hour_entry", "point_entry", "hour_person_total", "point_person_total", "scan"}


def naming() -> list[tuple[str, str]]:
    """Every column that names a person."""
    return [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    ]


def test_every_column_that_names_a_person_has_a_policy():
    missing = [f"{table}.{column}" for table, column in naming() if policy_of(table, column) is None]
    assert not missing, f"say in app/merges/policies.py what a merge does with {missing}"


def test_no_policy_is_about_a_column_that_is_not_there():
    assert {*ABOUT, *REACHED} <= {f"{table}.{column}" for table, column in naming()}


def between_people() -> list[str]:
    """Who did something, of every table in which a CHECK compares two people."""
    found = []
    for table in Base.metadata.sorted_tables:
        people = [column for name, column in naming() if name == table.name]
        checks = " ".join(str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint))
        one, other = rf"\b({'|'.join(people)})\b", rf"[^)]*\b({'|'.join(people)})\b"
        if people and re.search(rf"{one} ((<>|=) ({'|'.join(people)})\b|(NOT )?IN \({other})", checks):
            found += [f"{table.name}.{column}" for column in people if column.endswith("by_id") or column == "for_id"]
    return found


def test_what_needs_two_people_is_ended_before_a_merge_or_judged_by_who_somebody_is_now():
    """Else the second of the two could be the first one, under the record that stays."""
    named = [name for name in between_people() if name.split(".")[1] not in LAST_WORD]
    assert len(named) > 40
    unsaid = {*named} - REACHED.keys() - JUDGED_ANEW.keys() - HARMLESS.keys()
    assert not unsaid, f"refuse in app/merges/policies.py, or judge by who somebody is now, or say in second_hands.py why not: {unsaid}"


def test_where_it_is_said_to_be_judged_anew_it_is():
    known = {f"{table}.{column}" for table, column in naming()}
    assert {*JUDGED_ANEW, *HARMLESS} <= known
    for name, file in JUDGED_ANEW.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(r"\b(being|who_now)\(|became_id", text), f"{name}: not in {file}"


def test_a_column_about_somebody_is_never_covered_by_its_name_alone():
    """`person_id` says about whom a row is: somebody has to think about each."""
    assert [f"{table}.{column}" for table, column in naming() if column == "person_id" and f"{table}.{column}" not in ABOUT] == []


def everything(*person_ids: int) -> dict[str, list[tuple[object, ...]]]:
    """All rows that name one of these, without ledgers and what says that something was done."""
    found = {}
    for name in {table for table, _ in naming()} - LEDGERS - {"merge", "audit_event", "account_session", "notice", "person_key"}:
        table = Base.metadata.tables[name]
        columns = [table.c[column] for known, column in naming() if known == name]
        rows = db.session.execute(select(table).where(or_(*(column.in_(person_ids) for column in columns)))).all()
        found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


@pytest.fixture
def full(two):
    """Both with a bit of everything."""
    make, now, today = two.make, clock.now(), clock.today()
    other, team = make.person("黎婉仪", home=two.branch), make.unit("灯湖志愿队", parent=two.root)
    activity = make.activity(two.branch, two.maker)
    soon, later = make.shift(activity, now + timedelta(days=3), capacity=2), make.shift(activity, now + timedelta(days=4))
    two.serve(two.old, 60)
    two.serve(two.new, 90)
    for shift, person in ((soon, two.old), (soon, two.new), (later, two.new)):
        make.signup(shift, person)
        make_taken(shift)
    waiting = make._add(Signup, shift_id=soon, person_id=other, made_at=now)
    make._add(Membership, person_id=two.new, unit_id=team, kind=MembershipKind.TEAM, valid_from=today - timedelta(days=9))
    make._add(Stage, person_id=two.new, kind=StageKind.ACTIVIST, began_on=today - timedelta(days=50))
    make._add(Consent, person_id=two.new, kind=ConsentKind.PERSONAL_BOARD, given_at=now)
    make._add(Notice, person_id=two.new, text="明天有活动", url="/", made_at=now)
    make._add(MemberCard, person_id=two.new, number=1, issued_at=now, issued_by_id=two.maker)
    make._add(
        ActivationCode, code_hash="x", person_id=two.new, purpose=next(iter(CodePurpose)), made_at=now, expires_at=now + timedelta(days=2)
    )
    agreed = {"person_agreed": Agreement.OWN_PHONE, "person_agreed_at": now, "proxy_agreed_at": now, "valid_from": now}
    make._add(Proxy, person_id=two.new, proxy_id=other, relation=next(iter(Relation)), made_by_id=two.new, **agreed)
    make._add(Proxy, person_id=two.old, proxy_id=two.new, relation=next(iter(Relation)), made_by_id=two.old, **agreed)
    in_transaction(lambda: db.session.execute(Person.__table__.update().where(Person.id == two.new).values(gender=Gender.MALE)))
    return two, {"soon": soon, "later": later, "waiting": waiting, "other": other, "team": team}


def make_taken(shift: int) -> None:
    in_transaction(lambda: db.session.execute(Shift.__table__.update().where(Shift.id == shift).values(taken=Shift.taken + 1)))


def test_undoing_gives_everything_back(full):
    two, at = full
    in_transaction(
        lambda: db.session.execute(Signup.__table__.delete().where(Signup.id == at["waiting"]))
    )  # nobody takes the seat meanwhile
    before = everything(two.old, two.new)
    merge_id = two.merge()
    assert everything(two.old, two.new) != before
    two.undo(merge_id)
    after = everything(two.old, two.new)
    assert [name for name in before if before[name] != after[name]] == ["signup"] or after == before
    assert [(row[0], row[1], row[2]) for row in before["signup"]] == [(row[0], row[1], row[2]) for row in after["signup"]]


def test_of_two_signups_for_one_shift_one_is_left_and_who_waits_moves_up(full):
    two, at = full
    two.merge()
    standing = select(Signup.person_id).where(Signup.shift_id == at["soon"], Signup.withdrawn_at.is_(None), Signup.seated_at.is_not(None))
    assert sorted(db.session.scalars(standing)) == sorted([two.old, at["other"]])
    assert db.session.scalar(select(Shift.taken).where(Shift.id == at["soon"])) == 2


def test_undone_a_signup_whose_seat_was_taken_waits(full):
    two, at = full
    two.undo(two.merge())
    mine = select(Signup.seated_at, Signup.withdrawn_at).where(Signup.shift_id == at["soon"], Signup.person_id == two.new)
    assert tuple(db.session.execute(mine).one()) == (None, None)
    assert db.session.scalar(select(Shift.taken).where(Shift.id == at["soon"])) == 2


def test_teams_stages_consents_and_proxies_go_over(full):
    two, at = full
    two.merge()
    today = clock.today()
    assert at["team"] in {tie.unit_id for tie in people.ties_of([two.old], today)[two.old]}
    assert people.ties_of([two.new], today) == {}
    assert people.stage_on(two.old, today).kind is StageKind.ACTIVIST
    assert people.has_consented(two.old, ConsentKind.PERSONAL_BOARD)
    proxies = select(Proxy.person_id, Proxy.proxy_id).where(Proxy.valid_to.is_(None))
    assert [tuple(row) for row in db.session.execute(proxies)] == [(two.old, at["other"])]
    assert db.session.get(Person, two.old, populate_existing=True).gender is Gender.MALE


def test_the_word_of_who_stays_holds(full):
    two, _ = full
    now = clock.now()
    in_transaction(
        lambda: db.session.execute(
            insert(Consent).values(person_id=two.old, kind=ConsentKind.PERSONAL_BOARD, given_at=now - timedelta(days=9), withdrawn_at=now)
        )
    )
    two.merge()
    assert not people.has_consented(two.old, ConsentKind.PERSONAL_BOARD)


def test_who_went_signs_in_no_more_and_their_devices_are_out(two):
    account = two.make.account(two.new, "13800001111")
    two.make.account(two.old, "13800002222")
    two.make.actor(two.new)
    assert [one.id for one in candidates("13800001111")] == [account]
    two.merge()
    assert [one.id for one in candidates("13800001111")] == []
    assert (
        db.session.scalar(select(AccountSession.id).where(AccountSession.account_id == account, AccountSession.revoked_at.is_(None)))
        is None
    )


def test_without_an_account_who_stays_takes_over_the_other(two):
    two.make.account(two.new, "13800001111")
    merge_id = two.merge()
    assert [one.person_id for one in candidates("13800001111")] == [two.old]
    two.undo(merge_id)
    assert [one.person_id for one in candidates("13800001111")] == [two.new]


def test_an_account_of_nobody_knows_whom_is_never_taken_over(two):
    stranger = two.make.person("陈志强", phone="13800001111", confirmed=False)
    two.make.account(stranger, "13800001111")
    two.merge(goes=stranger)
    assert candidates("13800001111") == []


def test_a_role_is_given_back_first(two):
    two.make.grant(two.new, Role.ORGANISER, two.branch)
    with pytest.raises(Conflict, match="职责"):
        two.propose()


def test_hours_that_one_approved_of_the_other_stand_in_the_way(two):
    spell = two.serve(two.new, 60)
    from app.checkin.models import AttendanceDecision
    from app.checkin.reasons import Verdict

    in_transaction(
        lambda: db.session.execute(
            insert(AttendanceDecision).values(attendance_id=spell, made_at=clock.now(), made_by_id=two.old, verdict=Verdict.COUNT, note="")
        )
    )
    with pytest.raises(Conflict, match="自己批自己"):
        two.propose()


def test_chains_lead_to_the_last(two):
    third = two.make.person("陈志强", home=two.branch, phone="13800001111")
    first = two.merge(stays=two.new, goes=third)
    second = two.merge(stays=two.old, goes=two.new)
    assert people.who_now(third) == two.old
    with pytest.raises(Conflict, match="后来的那一次"):
        two.undo(first)
    two.undo(second)
    assert people.who_now(third) == two.new
    two.undo(first)
    assert people.who_now(third) == third


def test_two_people_stay_two(two):
    in_transaction(lambda: service.say_different(two.new, two.old, "当面问过", two.maker, clock.now()))
    in_transaction(lambda: service.say_different(two.old, two.new, "", two.maker, clock.now()))
    from app.merges.queries.pairs import likely

    assert likely([two.root], clock.today()) == []


def test_while_a_merge_waits_nobody_says_that_they_are_two(two):
    two.propose()
    with pytest.raises(Conflict):
        in_transaction(lambda: service.say_different(two.new, two.old, "", two.maker, clock.now()))


def test_the_digest_does_not_change_by_looking(two):
    assert digest(two.pair()) == digest(two.pair())
