"""补录申请: somebody says where they were, with a photo or a witness; another confirms; never more than the activity, never twice."""

import io
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.activities import photo_files
from app.activities import service as activities
from app.checkin.models import Attendance
from app.checkin.rules import ShiftTimes
from app.claims import queries, service
from app.claims.models import Claim, ClaimBatch, ClaimPhoto, ClaimWitness
from app.claims.rules import LocalRules, OwnClaim, Says, Verdict, claimable, longest, own_fault
from app.core import clock
from app.core.db import db, in_transaction
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.permissions import Role
from app.hours import queries as hours
from app.hours import verifying
from app.hours.models import HourEntry
from app.hours.rules import HourClass
from app.people.rules import UnitKind
from app.worklist import queries as worklist
from tests.conftest import NOON, statements

HOUR = timedelta(hours=1)


def jpeg(shade: int = 90, exif: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 120, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def sent(*shades: int):
    return [(photo_files.new_name(), photo_files.read(jpeg(shade))) for shade in shades or (90,)]


@pytest.fixture
def claim(branch, members, make):
    """`claim()` sends one of the first member's own for the branch's shift; with a photo unless a witness is told."""
    for person in members:
        make.account(person)

    def one(by=None, *, start=branch.start, end=branch.end, witness=None, photos=None, shift=branch.shift, activity=branch.activity):
        said = OwnClaim(activity, shift, start, end, "搬断枝", witness)
        pictures = sent() if photos is None and witness is None else photos or []
        return in_transaction(
            lambda: service.claim(said, by or members[0], pictures, "/work", lambda one: f"/claims/{one}/testimony", NOON)
        )

    return one


def say(batch, person, says=Says.YES):
    in_transaction(lambda: service.testify(batch, person, says, "/work", f"/claims/{batch}", NOON))


def told(person):
    return [row.text for row in worklist.notices(person)]


def waiting(make, person):
    return [one.id for one in queries.waiting_batches(make.actor(person), NOON)]


def test_with_a_photo_it_waits_for_the_branch_at_once_and_counts_when_another_confirms(branch, members, claim, make):
    batch = claim()
    assert told(branch.secretary) == ["“台风后清障”有 1 位补录，等您确认"]
    assert waiting(make, branch.secretary) == waiting(make, branch.deputy) == [batch]
    assert hours.sums(members[0]) == hours.Sums()
    branch.approve(batch, by=branch.secretary)
    entry = db.session.scalars(select(HourEntry)).one()
    assert (entry.minutes, entry.hour_class, entry.made_by_id, entry.approved_by_id) == (
        120,
        HourClass.HONOUR,
        members[0],
        branch.secretary,
    )
    assert told(members[0]) == ["您补的“台风后清障”已确认，补录时长 2 小时"]
    (mine,) = queries.mine(members[0], NOON)
    assert (mine.state, mine.counted, mine.minutes) == ("approved", True, 120)


def test_without_a_photo_the_witness_is_asked_first(branch, members, claim, make):
    make.signup(branch.shift, members[1])
    batch = claim(witness=members[1])
    assert waiting(make, branch.deputy) == []
    assert queries.mine(members[0], NOON)[0].state == "witness"
    with pytest.raises(Conflict, match="等证明人"):
        branch.approve(batch)
    with pytest.raises(NotFound):
        say(batch, members[2])
    say(batch, members[1])
    assert waiting(make, branch.deputy) == [batch]
    assert branch.approve(batch).people == 1


def test_a_witness_who_says_no_leaves_it_to_a_photo(branch, members, claim, make):
    make.signup(branch.shift, members[1])
    batch = claim(witness=members[1])
    say(batch, members[1], Says.NO)
    assert "谭嘉欣说不能证明" in told(members[0])[0]
    assert queries.mine(members[0], NOON)[0].state == "refused"
    with pytest.raises(Refused):
        say(batch, members[1])
    in_transaction(lambda: service.add_photos(batch, members[0], sent(), "/work", NOON))
    assert waiting(make, branch.deputy) == [batch]
    assert branch.approve(batch).people == 1


def test_a_witness_who_may_decide_does_not_decide(branch, members, claim, make):
    batch = claim(witness=branch.secretary)  # who organised it
    say(batch, branch.secretary)
    assert waiting(make, branch.secretary) == []
    with pytest.raises(Refused, match="您是这条的证明人，要由另一位来确认，已转罗国栋"):
        branch.approve(batch, by=branch.secretary)
    assert branch.approve(batch).people == 1


@pytest.mark.parametrize(
    ("field", "words", "times", "witness"),
    [
        ("witness", "请传一张现场照片", (0, 120), None),
        ("out", "结束早于开始。活动是 09:00–11:00，最多补 2 小时", (0, -60), None),
        ("out", "不在活动里", (120, 180), None),
        ("out", "不到 15 分钟", (0, 10), None),
        ("out", "还没到这个时间", (0, 240), None),
        ("witness", "不能请自己作证", (0, 120), 0),
        ("witness", "这一场没有这位", (0, 120), 2),
    ],
)
def test_what_can_not_be_is_said_beside_its_field_and_nothing_is_kept(branch, members, claim, field, words, times, witness):
    start, end = (branch.start + timedelta(minutes=one) for one in times)
    asked = None if witness is None else members[witness]
    with pytest.raises(Invalid) as refused:
        claim(start=start, end=end, witness=asked, photos=sent() if field == "out" else [])
    assert words in refused.value.fields[field]
    assert db.session.scalar(select(func.count()).select_from(ClaimBatch)) == 0


def test_one_waits_at_a_time_whoever_sent_it(branch, members, claim):
    batch = claim()
    with pytest.raises(Invalid) as refused:
        claim()
    assert "已经报上去了" in refused.value.fields["shift"]
    with pytest.raises(Invalid):
        branch.name(members[:1])
    branch.send_back(batch)
    assert told(members[0])[0] == "您补的“台风后清障”退回了，请看原因，可以改了再交"
    again = claim()
    branch.approve(again)
    with pytest.raises(Invalid) as refused:
        claim()
    assert "已经有您的记录" in refused.value.fields["shift"]


def test_the_database_lets_one_person_wait_once_a_shift(branch, members, claim):
    batch = claim()
    other = branch.name(members[1:2])
    twice = insert(Claim).values(batch_id=other, person_id=members[0], in_at=branch.start, out_at=branch.end, open_shift_id=branch.shift)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(twice))
    branch.approve(batch)
    assert db.session.scalar(select(Claim.open_shift_id).where(Claim.batch_id == batch)) is None


@pytest.mark.parametrize("who", ["maker", "witness", "nothing proves it"])
def test_the_database_too_refuses_who_is_no_judge(branch, members, claim, who):
    batch = claim(witness=branch.secretary, photos=sent() if who != "nothing proves it" else [])
    decider = {"maker": members[0], "witness": branch.secretary}.get(who, branch.deputy)
    deciding = update(ClaimBatch).where(ClaimBatch.id == batch).values(decided_at=NOON, decided_by_id=decider, verdict=Verdict.APPROVED)
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(deciding))


def test_nobody_is_their_own_witness_in_the_database_either(members, claim):
    batch = claim()
    with pytest.raises(IntegrityError):
        in_transaction(lambda: db.session.execute(insert(ClaimWitness).values(batch_id=batch, person_id=members[0], asked_at=NOON)))


def test_the_maker_takes_it_back_while_it_is_open(branch, members, claim, make):
    batch = claim()
    with pytest.raises(NotFound):
        in_transaction(lambda: service.withdraw(batch, members[1], NOON))
    in_transaction(lambda: service.withdraw(batch, members[0], NOON))
    in_transaction(lambda: service.withdraw(batch, members[0], NOON))
    assert waiting(make, branch.deputy) == queries.mine(members[0], NOON) == []
    assert queries.batch(batch).photos == ()
    assert len(queries.removed_photos(NOON + HOUR)) == 1
    with pytest.raises(Conflict, match="已经撤回"):
        branch.approve(batch)
    decided = claim()
    branch.approve(decided)
    with pytest.raises(Conflict, match="已经有人办了"):
        in_transaction(lambda: service.withdraw(decided, members[0], NOON))


def test_a_list_is_taken_back_too_and_its_people_can_be_named_again(branch, members):
    batch = branch.name(members)
    in_transaction(lambda: service.withdraw(batch, branch.secretary, NOON))
    assert len(queries.batch(branch.name(members)).claims) == 3


def test_some_of_a_list_are_confirmed_and_the_others_returned_with_the_reason(branch, members):
    batch = branch.name(members)

    def partly(back, reason):
        return in_transaction(lambda: service.approve(batch, branch.deputy, "/claims/1", "/me", NOON, returned=back, reason=reason))

    with pytest.raises(Invalid) as refused:
        partly(members[:1], "")
    assert "请写明退回的原因" in refused.value.fields["why"]
    with pytest.raises(Invalid):
        partly(members, "都不是")
    done = partly(members[:1], "那天他在别处")
    assert (done.people, done.returned) == (2, 1)
    assert [hours.sums(one).service_honour for one in members] == [0, 120, 120]
    assert [one.returned for one in queries.batch(batch).sent_back] == ["那天他在别处"]
    assert "1 位退回" in told(branch.secretary)[0]
    assert queries.batch(branch.name(members)).named == {members[0]}


def test_the_local_rule_says_for_how_many_days(branch, members, claim, make):
    old = make.shift(branch.activity, NOON - timedelta(days=20), 2)
    times = {"shift": old, "start": NOON - timedelta(days=20), "end": NOON - timedelta(days=20) + 2 * HOUR}
    in_transaction(lambda: service.set_rules(LocalRules(10, 20), branch.secretary, NOON))
    with pytest.raises(Invalid) as refused:
        claim(**times)
    assert "过去 10 天了" in refused.value.fields["shift"]
    in_transaction(lambda: service.set_rules(LocalRules(30, 20), branch.secretary, NOON))
    assert claim(**times)


def test_shifts_to_choose_from_are_near_free_and_those_signed_up_for_first(branch, members, make):
    community = make.unit("另一社区党委", UnitKind.COMMUNITY, parent=branch.street)
    far = make.activity(make.unit(parent=community), branch.secretary, title="远处的")
    far_shift = make.shift(far, branch.start, 2)
    above = make.activity(branch.street, branch.secretary, title="街道的")
    make.shift(above, branch.start + HOUR, 1)
    for title, published, starts_at in (
        ("草稿", False, branch.start),
        ("太久", True, NOON - timedelta(days=40)),
        ("以后", True, NOON + HOUR),
    ):
        make.shift(make.activity(branch.unit, branch.secretary, title=title, published=published), starts_at, 1)
    make.signup(branch.shift, members[0])

    def titles():
        return [one.title for one in queries.choices(members[0], NOON, timedelta(days=30))]

    with statements() as asked:
        assert titles() == ["台风后清障", "街道的"]
    assert len(asked) == 1
    make.signup(far_shift, members[0])
    assert titles() == ["台风后清障", "远处的", "街道的"]
    branch.name(members[:1])
    assert titles() == ["远处的", "街道的"]
    assert queries.choice(members[1], far_shift, NOON) is None


MINUTES = st.integers(-200, 400)


@settings(max_examples=100, deadline=None)
@given(MINUTES, MINUTES, st.integers(20, 300), st.integers(0, 90))
def test_whatever_the_times_no_more_than_the_activity_s_own_length(came, left, length, pause):
    start = NOON - timedelta(hours=8)
    shift = ShiftTimes(1, start, start + timedelta(minutes=length), None, min(pause, length))
    in_at, out_at = start + timedelta(minutes=came), start + timedelta(minutes=left)
    if own_fault(shift, in_at, out_at, NOON) is None:
        part = claimable(shift, in_at, out_at)
        assert 15 <= part.minutes <= longest(shift) <= length
        assert shift.starts_at <= part.credited_from < part.credited_to <= shift.last_end


spells = st.lists(st.tuples(st.integers(0, 2), st.integers(-30, 150), st.integers(20, 200)), min_size=1, max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(spells)
def test_whatever_is_claimed_and_confirmed_never_lies_on_what_is_credited(branch, make, tried):
    person = make.person(home=branch.unit)
    shifts = []
    for number in range(3):
        activity = make.activity(branch.unit, branch.secretary, title=f"活动{number}")
        shifts.append((activity, make.shift(activity, branch.start + number * HOUR, 2, pause=10 * number), number))
    later = NOON + timedelta(hours=5)
    for which, late, minutes in tried:
        activity, shift, number = shifts[which]
        in_at = branch.start + number * HOUR + timedelta(minutes=late)
        said = OwnClaim(activity, shift, in_at, in_at + timedelta(minutes=minutes), "做事")
        try:
            batch = in_transaction(lambda said=said: service.claim(said, person, sent(), "/work", str, later))
            in_transaction(lambda batch=batch: service.approve(batch, branch.deputy, "/claims/1", "/me", later))
        except Invalid:
            db.session.rollback()
    credited = sorted(
        db.session.execute(select(Attendance.credited_from, Attendance.credited_to).where(Attendance.person_id == person)).all()
    )
    credited = [(begin, end) for begin, end in credited if begin]
    assert all(first[1] <= second[0] for first, second in pairwise(credited))
    minutes = db.session.scalars(select(HourEntry.minutes).where(HourEntry.person_id == person)).all()
    assert all(0 < one <= 120 for one in minutes)
    assert verifying.disagreements() == []


def test_two_who_decide_at_once_decide_once(branch, members, claim, at_once):
    """One confirms, one returns, the maker takes back: the first has it, the others are told, and hours stand at most once."""
    batch = claim()
    works = [
        lambda: service.approve(batch, branch.deputy, "/claims/1", "/me", NOON),
        lambda: service.approve(batch, branch.secretary, "/claims/1", "/me", NOON),
        lambda: service.return_batch(batch, branch.secretary, "不对", "/claims/1", NOON),
        lambda: service.withdraw(batch, members[0], NOON),
    ]
    results = at_once([partial(in_transaction, work) for work in works])
    row = queries.batch(batch)
    fresh = [one for one in results if isinstance(one, service.Approved) and not one.again]
    assert len(fresh) == (row.verdict is Verdict.APPROVED)
    assert hours.sums(members[0]).service_honour == 120 * len(fresh)
    assert (row.decided_at is None) == (row.withdrawn_at is not None)
    assert verifying.disagreements() == []


def test_evidence_says_who_signed_up_what_was_scanned_and_how_many_there_were(branch, members, claim, make):
    from uuid import uuid4

    from app.checkin import service as checkin
    from app.checkin.rules import ShownCode, Way

    make.signup(branch.shift, members[0])
    early = branch.start - 2 * HOUR
    in_transaction(lambda: checkin.record_scan(ShownCode(uuid4(), branch.activity, Way.POSTER, early), members[0], early))
    branch.approve(branch.name(members[1:2]))
    batch = claim()
    row = queries.batch(batch, NOON)
    (one,) = row.claims
    assert (one.signed_up, one.scans) == (True, ("07:00 扫早了，没签上",))
    assert (row.maker_lately, row.unit_lately, len(row.photos)) == (1, 2, 1)


def test_photos_lose_where_they_were_taken_and_are_seen_by_few(branch, members, claim, make, as_person):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    member = as_person(members[0])
    page = member.get(f"/me/claims/new?shift={branch.shift}")
    assert 'value="09:00"' in page.text
    sent_form = {"shift": branch.shift, "in": "09:00", "out": "11:00", "did": "搬断枝"}
    photo = (io.BytesIO(jpeg(90, exif.tobytes())), "a.jpg")
    answer = member.post("/me/claims/new", data=sent_form | {"file": photo}, content_type="multipart/form-data")
    assert answer.status_code == 303
    (name,) = db.session.scalars(select(ClaimPhoto.name))
    url = f"{answer.location}/photos/{name}/large.jpg"
    seen = member.get(url)
    assert (seen.status_code, seen.headers["Content-Type"], "private" in seen.headers["Cache-Control"]) == (200, "image/jpeg", True)
    assert b"secret" not in seen.data
    assert as_person(branch.deputy).get(url).status_code == 200
    neighbour = make.person("邻居书记")
    make.grant(neighbour, Role.SECRETARY, make.unit(parent=branch.street))
    for other in (members[1], neighbour):
        assert as_person(other).get(url).status_code == 404
    member.post(f"{answer.location}/withdrawal")
    assert as_person(branch.deputy).get(url).status_code == 404


def test_what_was_typed_stays_and_the_witness_is_found_by_name(branch, members, make, as_person):
    for person in (members[0], members[1]):
        make.account(person)
    make.signup(branch.shift, members[1])
    member = as_person(members[0])
    form = {"shift": branch.shift, "in": "11:00", "out": "09:30", "did": "搬断枝", "witness": "陈志远"}
    page = member.post("/me/claims/new", data=form, content_type="multipart/form-data")
    assert page.status_code == 422
    for words in ("结束早于开始", "这一场没找到陈志远", 'value="09:30"', "搬断枝"):
        assert words in page.text
    form |= {"in": "09:00", "out": "11:00", "witness": "谭嘉欣"}
    answer = member.post("/me/claims/new", data=form, content_type="multipart/form-data", follow_redirects=True)
    assert "等谭嘉欣确认您在场" in answer.text
    witness = as_person(members[1])
    assert "陈志远那天在场吗" in witness.get("/claims/1/testimony").text
    assert "陈志远在场" in witness.post("/claims/1/testimony", data={"says": "yes"}, follow_redirects=True).text
    assert "等霍静雯确认，最晚 11月27日" in member.get("/me/records").text
    assert "补录 1 条等确认" in member.get("/me").text


def test_from_one_the_next_opens_by_itself(branch, members, claim, as_person):
    first, second = claim(members[0]), claim(members[1])
    deputy = as_person(branch.deputy)
    page = deputy.get(f"/claims/{first}").text
    assert "没有报名，那天没有扫过码" in page
    assert "近 90 天第一次补录" in page
    answer = deputy.post(f"/claims/{first}/approval", data={"onward": "1"})
    assert answer.location == f"/claims/{second}"
    answer = deputy.post(f"/claims/{second}/return", data={"onward": "1", "reason": "那天您没来"})
    assert answer.location == "/work"
    mine = as_person(members[0]).get("/me/records").text
    assert "已确认，计入 2 小时" in mine
    back = as_person(members[1])
    assert "退回：那天您没来" in back.get("/me/records").text
    assert "搬断枝" in back.get(f"/me/claims/new?shift={branch.shift}&like={second}").text


def test_who_was_signed_up_and_was_not_scanned_is_led_there_from_the_activity(branch, members, make, as_person):
    make.signup(branch.shift, members[0])
    assert f"/me/claims/new?shift={branch.shift}" in as_person(members[0]).get(f"/activities/{branch.activity}").text
    branch.approve(branch.name(members[:1]))
    assert f"/me/claims/new?shift={branch.shift}" not in as_person(members[0]).get(f"/activities/{branch.activity}").text


def test_a_cancelled_activity_gives_nothing(branch, members, claim):
    in_transaction(lambda: activities.cancel(branch.activity, branch.secretary, NOON, "下雨"))
    with pytest.raises((Conflict, NotFound)):
        claim()
    assert clock.today() == NOON.date()
