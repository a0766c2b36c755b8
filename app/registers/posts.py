"""The register of posts and who holds them. Unit, title and place together are the identity; one row for each holder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.errors import Conflict
from app.core.words import full_day
from app.duties.models import Post, PostTerm
from app.duties.rules import HEADS, POST_KIND_NAMES, PostKind
from app.people.naming import volunteer_number
from app.registers import trees
from app.registers.cells import clean_seats, holder_of, named
from app.registers.lookup import Known, People, people_called, whose
from app.registers.posts_back import move_due, rests, undo
from app.registers.rules import COLUMNS, Decision, RegisterKind, Row, RowVerdict, refusal
from app.registers.scope import Scope, place_tree, unit_tree
from app.registers.staged import MOVED_ON, Job, Listing, Register, Staged
from app.registers.tree import Tree
from app.sheets.cells import folded
from app.sheets.writing import Value

KIND = named(POST_KIND_NAMES)
Key = tuple[int, str, int | None]


@dataclass
class _Post:
    """A post on record or planned (negative id), with its standing terms by person: term id, since, due."""

    id: int
    kind: PostKind
    seats: int
    terms: dict[int, tuple[int, date, date | None]] = field(default_factory=dict)


@dataclass
class _Read:
    row: Row
    unit: str
    title: str
    kind: PostKind
    place: str
    seats: int | None
    holder: str
    tail: str
    since: date | None
    due: date | None


def _read(row: Row, today: date) -> _Read:
    unit, title, place = row.line("unit", 400), row.line("title", 40), row.line("place", 400)
    kind = row.read("kind", KIND, None)
    if kind is None and not any(name == row.title("kind") for name, _, _ in row.faults):
        row.fault("kind", "没有填类别")
    seats, since, due = row.read("seats", clean_seats, None), row.day("since"), row.day("due")
    name, tail = holder_of(row.line("holder", 60))
    if since and since > today:
        row.fault("since", "日期在今天之后")
    if since and due and due < since:
        row.fault("due", "到期早于任职日期")
    if not name and (since or due):
        row.fault("holder", "填了任职日期，没有填任职人")
    return _Read(row, unit, title, kind or PostKind.DUTY, place, seats, name, tail, since, due)


@dataclass
class _Planner:
    scope: Scope
    units: Tree
    places: Tree
    known: People
    posts: dict[Key, _Post]
    seen: dict[tuple[int, int], int] = field(default_factory=dict)

    def decide(self, read: _Read) -> Decision:
        row = read.row
        unit, why = self.units.the_one(read.unit, "组织") if read.unit else (None, "")
        if unit is None and why:
            row.fault("unit", why)
        elif unit is not None and not self.scope.holds(unit.id):
            row.fault("unit", f"“{unit.name}”不在您管的范围内，请交给管它的人")
        place, why = self.places.the_one(read.place, "地点") if read.place else (None, "")
        if why:
            row.fault("place", why)
        if row.refused or unit is None:
            return refusal(row, read.title or "（没有岗位）")
        key = (unit.id, folded(read.title), place.id if place else None)
        post = self.posts.get(key)
        if post is None:
            if unit.closed or (place and place.closed):
                row.fault("unit", "组织或地点已经关闭，不能再设岗位")
            post, values = self._new(read, unit.id, place.id if place else None)
        else:
            values = {"post": post.id} | self._change(read, post)
        person = self._holder(read, post)
        if person and person.id not in post.terms and not self.may_hold(post.kind, unit.id, person):
            row.fault("holder", f"{person.name}的组织关系不在“{unit.name}”，党员岗位只能给这里的党员")
        if (first := self.seen.setdefault((post.id, person.id if person else 0), row.number)) != row.number:
            row.fault("holder", f"与第 {first} 行重复：同一个岗位、同一个人")
        changes = self._term(read, post, person, values)
        if row.refused:
            return refusal(row, f"{read.title} {read.holder}".strip())
        self.posts[key] = post
        post.seats = values.get("seats", post.seats)
        if person and "term" in values:
            post.terms[person.id] = (0, date.fromisoformat(values["term"]["since"]), None)
        if "seats" in values and post.id > 0:
            changes.insert(0, (row.title("seats"), str(values["seats_before"]), str(values["seats"])))
        fresh = post.id < 0
        verdict = RowVerdict.NEW if fresh else RowVerdict.CHANGED if len(values) > 1 else RowVerdict.UNCHANGED
        if "new" in values:
            changes.insert(0, (row.title("unit"), "", self.units.whole(unit.id)))
        subject = f"{read.title} {read.holder}".strip()[:120]
        return Decision(row.number, verdict, subject, values, tuple(changes), target_id=post.id if post.id > 0 else None)

    def may_hold(self, kind: PostKind, unit_id: int, person: Known) -> bool:
        """As `duties.queries.may_hold` says: a member's duty goes to somebody at home in the unit's subtree."""
        return kind in HEADS or (person.branch_id is not None and any(node.id == unit_id for node in self.units.path(person.branch_id)))

    def _new(self, read: _Read, unit_id: int, place_id: int | None) -> tuple[_Post, dict[str, Any]]:
        post = _Post(-read.row.number, read.kind, read.seats or 1)
        opened = (read.since or self.scope.today).isoformat()
        new = {"unit": unit_id, "place": place_id, "kind": read.kind, "title": read.title, "seats": post.seats, "opened": opened}
        return post, {"post": post.id, "new": new}

    def _change(self, read: _Read, post: _Post) -> dict[str, Any]:
        if post.kind is not read.kind:
            read.row.fault("kind", f"系统里是{POST_KIND_NAMES[post.kind]}，类别不能改")
        if read.seats is None or read.seats == post.seats:
            return {}
        if post.id < 0:
            read.row.fault("seats", f"同一个岗位前面写的是 {post.seats} 个名额")
            return {}
        if read.seats < len(post.terms):
            read.row.fault("seats", f"现在有 {len(post.terms)} 人在任，名额不能更少")
        return {"seats": read.seats, "seats_before": post.seats}

    def _holder(self, read: _Read, post: _Post) -> Known | None:
        """The one named: of those in office first, who may belong to units outside the reach."""
        if not read.holder:
            return None
        held = [one for one in self.known.named(read.holder) if one.id in post.terms and _fits(one, read.tail)]
        if len(held) == 1:
            return held[0]
        person, why = whose(self.known, self.scope, read.holder, read.tail)
        if person is None:
            read.row.fault("holder", why)
        return person

    def _term(self, read: _Read, post: _Post, person: Known | None, values: dict[str, Any]) -> list[tuple[str, str, str]]:
        row = read.row
        if person is None:
            return []
        if person.id not in post.terms:
            if read.since is None:
                row.fault("since", "填了任职人，就要填任职日期")
                return []
            if len(post.terms) >= values.get("seats", post.seats):
                row.fault("holder", f"名额 {values.get('seats', post.seats)} 个，已经满了；请先办交接或加名额")
            due = read.due.isoformat() if read.due else None
            values["term"] = {"person": person.id, "since": read.since.isoformat(), "due": due}
            return [(row.title("holder"), "", f"{person.name}，{full_day(read.since)}起")]
        term_id, since, due_on = post.terms[person.id]
        if read.since and read.since != since:
            row.fault("since", f"系统里是{full_day(since)}，任职日期不能改")
        if read.due and read.due != due_on:
            values["due"] = {"term": term_id, "before": due_on.isoformat() if due_on else None, "after": read.due.isoformat()}
            return [(row.title("due"), full_day(due_on) if due_on else "", full_day(read.due))]
        return []


def _fits(one: Known, tail: str) -> bool:
    return not tail or tail == volunteer_number(one.id) or any(phone.endswith(tail) for phone in one.phones)


def _posts(*, unit_ids: frozenset[int] | None = None) -> dict[int, tuple[Any, _Post]]:
    """Open posts with their standing terms; two queries."""
    rows = select(Post.id, Post.unit_id, Post.title, Post.place_id, Post.kind, Post.seats).where(Post.closed_on.is_(None)).order_by(Post.id)
    found = {
        row.id: (row, _Post(row.id, row.kind, row.seats)) for row in db.session.execute(rows) if unit_ids is None or row.unit_id in unit_ids
    }
    terms = select(PostTerm.id, PostTerm.post_id, PostTerm.person_id, PostTerm.valid_from, PostTerm.due_on)
    for id_, post_id, person_id, since, due in db.session.execute(terms.where(PostTerm.valid_to.is_(None)).order_by(PostTerm.id)):
        if post_id in found:
            found[post_id][1].terms[person_id] = (id_, since, due)
    return found


def plan(rows: list[Row], scope: Scope) -> list[Decision]:
    reads = [_read(row, scope.today) for row in rows]
    posts = {(row.unit_id, folded(row.title), row.place_id): post for row, post in _posts().values()}
    known = people_called({read.holder for read in reads})
    planner = _Planner(scope, unit_tree(), place_tree(), known, posts)
    return [planner.decide(read) for read in reads]


def write(job: Job, rows: Sequence[Staged]) -> None:
    _create(job, [row for row in rows if "new" in row.values])
    made = trees.made_by(job.batch_id, [row.values["post"] for row in rows])
    made |= {-row.number: row.target for row in rows if "new" in row.values}
    for row in rows:
        row.target_id = trees.the_record(row.values["post"], made)
    touched = sorted({row.target for row in rows})
    seats = dict(db.session.execute(select(Post.id, Post.seats).where(Post.id.in_(touched)).order_by(Post.id).with_for_update()).all())
    for row in rows:
        if "seats" in row.values:
            if seats.get(row.target) != row.values["seats_before"]:
                raise Conflict(MOVED_ON)
            seats[row.target] = row.values["seats"]
            row.journal["seats"] = row.values["seats_before"]
            db.session.execute(update(Post).where(Post.id == row.target).values(seats=row.values["seats"]))
            audit.record(job.actor_id, "post.edit", "post", row.target, seats=row.values["seats"], before=row.values["seats_before"])
    _begin_terms(job, [row for row in rows if "term" in row.values])
    for row in rows:
        if "due" in row.values:
            move_due(job, row, row.values["due"]["before"], row.values["due"]["after"])
    held = select(PostTerm.post_id, func.count()).where(PostTerm.post_id.in_(touched), PostTerm.valid_to.is_(None))
    if any(count > seats[post_id] for post_id, count in db.session.execute(held.group_by(PostTerm.post_id))):
        raise Conflict(MOVED_ON)


def _create(job: Job, rows: Sequence[Staged]) -> None:
    if not rows:
        return
    values = [
        {
            "unit_id": new["unit"], "place_id": new["place"], "kind": PostKind(new["kind"]), "title": new["title"], "seats": new["seats"],
            "duties": "", "opened_on": date.fromisoformat(new["opened"]),
        }
        for new in (row.values["new"] for row in rows)
    ]  # fmt: skip
    ids = db.session.execute(insert(Post).returning(Post.id, sort_by_parameter_order=True), values).scalars().all()
    for row, id_ in zip(rows, ids, strict=True):
        row.target_id = row.journal["post"] = id_
    audit.record_all(job.actor_id, [("post", "post", id_, {"unit": row.values["new"]["unit"]}) for row, id_ in zip(rows, ids, strict=True)])


def _begin_terms(job: Job, rows: Sequence[Staged]) -> None:
    if not rows:
        return
    values = [
        {
            "post_id": row.target, "person_id": term["person"], "valid_from": date.fromisoformat(term["since"]),
            "due_on": date.fromisoformat(term["due"]) if term["due"] else None, "handover_note": "", "made_by_id": job.actor_id,
            "made_at": job.now,
        }
        for row, term in ((row, row.values["term"]) for row in rows)
    ]  # fmt: skip
    ids = db.session.execute(insert(PostTerm).returning(PostTerm.id, sort_by_parameter_order=True), values).scalars().all()
    for row, id_ in zip(rows, ids, strict=True):
        row.journal["term"] = id_
    audit.record_all(job.actor_id, [("post.term", "post", row.target, {"person": row.values["term"]["person"]}) for row in rows])


def listing(scope: Scope) -> Listing:
    """Every open post in the scope, a row for each holder, one without where there is nobody."""
    units, places = unit_tree(), place_tree()
    posts = _posts(unit_ids=scope.reach)
    holders = {person for _, post in posts.values() for person in post.terms}
    known = people_called((), holders)
    known = people_called({one.name for one in known.by_id.values()}, holders)

    def rows() -> Iterator[Sequence[Value]]:
        for row, post in posts.values():
            about = (units.label(row.unit_id), row.title, POST_KIND_NAMES[post.kind], places.whole(row.place_id), post.seats)
            held = [(person, term) for person, term in post.terms.items() if person in known.by_id]
            for person, (_, since, due) in held:
                yield (*about, f"{known.by_id[person].name}（{known.tail(person)}）", since, due)
            if not held:
                yield (*about, "", None, None)

    return Listing(tuple(column.title for column in COLUMNS[RegisterKind.POSTS]), rows())


REGISTER = Register(RegisterKind.POSTS, plan, write, undo, rests, listing)
