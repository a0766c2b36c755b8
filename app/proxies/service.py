"""Making and ending agreements to act for somebody, and holding one while it is used. Called inside a write transaction."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, insert, update

from app.audit import service as audit
from app.core.clock import local_date
from app.core.db import db, upsert, writing
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.people import service as people
from app.proxies import queries
from app.proxies.models import OPEN, Proxy, ProxyRequest
from app.proxies.rules import DEFAULTS, REQUEST_LASTS, REQUESTS_A_DAY, REQUESTS_OPEN, Agreement, Answer, Relation
from app.settings import queries as settings
from app.worklist.service import notify

MINE = "/me/proxies"
_heads: list[Callable[[int, date], bool]] = []


def ask_heads(holds_post: Callable[[int, date], bool]) -> None:
    """Register how to learn whether somebody is 楼长, 巷长 or 街长 on a day: they have no limit."""
    _heads[:] = [holds_post]


def most_persons() -> int:
    return int(settings.value("proxies", DEFAULTS)["most_persons"])


def _room(proxy_id: int, day: date) -> bool:
    """Whether somebody may act for one more. The caller has locked them."""
    return queries.count_wards(proxy_id) < most_persons() or any(holds(proxy_id, day) for holds in _heads)


def ask(person_id: int, name: str, phone: str, relation: Relation, now: datetime) -> None:
    """On one's own phone: ask somebody to act for oneself. What comes of it is the same whether the number is known or not.

    Raises Invalid for oneself, Conflict with too many requests waiting.
    """
    writing()
    people.lock_person(person_id)
    lapsed = and_(ProxyRequest.answered_at.is_(None), ProxyRequest.asked_at <= now - REQUEST_LASTS)
    _take_back(and_(ProxyRequest.person_id == person_id, lapsed), now)
    waiting = queries.asked_by(person_id, now)
    other = queries.who_is_meant(name, phone, local_date(now))
    if other == person_id:
        raise Invalid({"phone": "这是您自己。请填要替您办事的那一位"})
    again = next((row for row in waiting if (row.name, row.tail) == (name, phone[-4:])), None)
    if again is not None and again.proxy_id == other and other is not None:
        db.session.execute(update(ProxyRequest).where(ProxyRequest.id == again.id).values(asked_at=now))
        return
    if again is not None:  # one that reached nobody, or another number with the same end
        waiting.remove(again)
        _take_back(ProxyRequest.id == again.id, now)
    if len(waiting) >= REQUESTS_OPEN or queries.asked_since(person_id, now - timedelta(days=1)) >= REQUESTS_A_DAY:
        raise Conflict(f"一次最多请 {REQUESTS_OPEN} 位，一天最多 {REQUESTS_A_DAY} 次。先等等回音，或收回一个。")
    if other is not None and (other in {row.proxy_id for row in waiting} or queries.acts_for(person_id, other)):
        other = None  # nothing new to ask them; to the one who asks it looks as ever
    values = {"person_id": person_id, "proxy_id": other, "name": name, "tail": phone[-4:], "relation": relation, "asked_at": now}
    made = db.session.execute(insert(ProxyRequest).values(values).returning(ProxyRequest.id)).scalar_one()
    audit.record(person_id, "proxy.request", "proxy_request", made, person=person_id, relation=relation.value)
    if other is not None:
        notify(other, f"{queries.names([person_id])[person_id]} 请您替他签到、报名，等您同意。", MINE)


def _take_back(which: ColumnElement[bool], now: datetime) -> None:
    db.session.execute(update(ProxyRequest).where(which).values(answered_at=now, answer=Answer.WITHDRAWN))


def _answered(request_id: int, answer: Answer, now: datetime) -> None:
    done = update(ProxyRequest).where(ProxyRequest.id == request_id, ProxyRequest.answered_at.is_(None))
    if db.session.execute(done.values(answered_at=now, answer=answer).returning(ProxyRequest.id)).scalar_one_or_none() is None:
        raise Conflict("这个请求已经有答复了。")


def accept(request_id: int, proxy_id: int, now: datetime) -> queries.RequestRow:
    """The other says yes; from now on they act for the person. Raises NotFound for anyone else's, Conflict over the limit."""
    writing()
    request = _mine(request_id, proxy_id, now)
    people.lock_persons(sorted({request.person_id, proxy_id}))
    _answered(request_id, Answer.ACCEPTED, now)
    if not _room(proxy_id, local_date(now)):
        raise Conflict(f"您已经替 {most_persons()} 位街坊办事了，不能再多。请他另请一位，或找楼长。")
    _open(request.person_id, proxy_id, request.relation, Agreement.OWN_PHONE, request.asked_at, request.person_id, now)
    name = queries.names([proxy_id])[proxy_id]
    notify(request.person_id, f"{name} 同意替您签到、报名了。您随时可以停。", MINE)
    return request


def decline(request_id: int, proxy_id: int, now: datetime) -> None:
    """Nothing is told to the one who asked."""
    writing()
    _mine(request_id, proxy_id, now)
    _answered(request_id, Answer.DECLINED, now)


def _mine(request_id: int, proxy_id: int, now: datetime) -> queries.RequestRow:
    found = next((row for row in queries.asked_of(proxy_id, now) if row.id == request_id), None)
    if found is None:
        raise NotFound("这个请求收回了，或已经过了两个星期。")
    return found


def withdraw(request_id: int, person_id: int, now: datetime) -> None:
    """The one who asked takes it back, answered meanwhile or not."""
    writing()
    done = (
        update(ProxyRequest)
        .where(ProxyRequest.id == request_id, ProxyRequest.person_id == person_id)
        .where((ProxyRequest.answer.is_(None)) | (ProxyRequest.answer == Answer.DECLINED))
        .values(answered_at=now, answer=Answer.WITHDRAWN)
    )
    if db.session.execute(done.returning(ProxyRequest.id)).scalar_one_or_none() is None:
        raise NotFound("这个请求已经收回，或对方已经同意了。")


def record(person_id: int, proxy_id: int, relation: Relation, by_id: int, now: datetime) -> bool:
    """Both stand before a member of staff and agree. False when they had agreed before.

    Raises Refused where the staff member is one of the two, Conflict over the limit.
    """
    writing()
    if by_id in (person_id, proxy_id):
        raise Refused("不能给自己登记。请另一位工作人员来办。")
    if person_id == proxy_id:
        raise Conflict("本人和代办人是同一位，不用登记。")
    people.lock_persons(sorted({person_id, proxy_id}))
    if queries.acts_for(person_id, proxy_id):
        return False
    if not _room(proxy_id, local_date(now)):
        raise Conflict(f"这位已经替 {most_persons()} 位街坊办事了，不能再多。登记了楼长、巷长、街长岗位的不限。")
    _open(person_id, proxy_id, relation, Agreement.IN_PERSON, now, by_id, now)
    found = queries.names([person_id, proxy_id])
    notify(person_id, f"登记好了：{found[proxy_id]} 可以替您签到、报名。您随时可以停。", MINE)
    notify(proxy_id, f"登记好了：您可以替 {found[person_id]} 签到、报名。", MINE)
    return True


def _open(person_id: int, proxy_id: int, relation: Relation, how: Agreement, agreed_at: datetime, by_id: int, now: datetime) -> None:
    made = db.session.execute(
        upsert(Proxy)
        .values(
            person_id=person_id,
            proxy_id=proxy_id,
            relation=relation,
            person_agreed=how,
            person_agreed_at=agreed_at,
            proxy_agreed_at=now,
            made_by_id=by_id,
            valid_from=now,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "proxy_id"], index_where=OPEN)
        .returning(Proxy.id)
    ).scalar_one_or_none()
    if made is not None:
        actor = by_id if how is Agreement.IN_PERSON else proxy_id
        audit.record(actor, "proxy", "person", person_id, proxy=proxy_id, relation=relation.value, agreed=how.value)


_ended: list[Callable[[int, int, datetime], None]] = []


def when_ended(follow: Callable[[int, int, datetime], None]) -> None:
    """Register what else ends with an agreement (person, proxy, now), in the same transaction."""
    if follow not in _ended:
        _ended.append(follow)


def end(proxy_row_id: int, by_id: int, now: datetime) -> queries.ProxyRow:
    """Effective at once. Who may, the caller has checked. Raises NotFound when it was ended before."""
    writing()
    standing = queries.open_proxy(proxy_row_id)
    if standing is None:
        raise NotFound("已经停了。")
    people.lock_person(standing.person_id)  # a scan that is being written for them is finished first
    ending = update(Proxy).where(Proxy.id == proxy_row_id, Proxy.valid_to.is_(None)).values(valid_to=now, ended_by_id=by_id)
    if db.session.execute(ending.returning(Proxy.id)).scalar_one_or_none() is None:
        raise NotFound("已经停了。")
    audit.record(by_id, "proxy.end", "person", standing.person_id, proxy=standing.proxy_id)
    for follow in _ended:
        follow(standing.person_id, standing.proxy_id, now)
    for other, words in (
        (standing.person_id, f"{standing.proxy_name} 不再替您办事了，马上生效。"),
        (standing.proxy_id, f"您不再替 {standing.person_name} 办事了，马上生效。"),
    ):
        if other != by_id:
            notify(other, words, MINE)
    return standing


def hold(person_id: int, proxy_id: int) -> None:
    """Lock the person, and be sure that the agreement stands while the write is made. Raises Refused when it does not."""
    writing()
    people.lock_person(person_id)
    if not queries.acts_for(person_id, proxy_id):
        raise Refused("您现在不能替这位办了。要办，请他本人再同意一次。")


def note_look(person_id: int, proxy_id: int) -> None:
    """A proxy looked at the person's hours; who looked is known afterwards."""
    audit.record(proxy_id, "person.view", "person", person_id, as_proxy=True)
