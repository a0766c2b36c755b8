"""The fields that a batch changes of people on record, a range of rows at a time; and back. Inside a write transaction.

Conditions in the statements are what the preview promised: when a count differs, somebody was there in between and Conflict
ends the transaction.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, String, Update, and_, delete, func, insert, literal, or_, select, type_coerce, update
from sqlalchemy.engine import CursorResult

from app.core.db import db
from app.core.errors import Conflict
from app.imports import endings
from app.imports.models import ImportBatch, ImportChange, ImportRow, ImportUnit
from app.imports.planning import Field, Verdict
from app.people.models import Membership, Person, Phone, Stage
from app.people.rules import MembershipKind
from app.pledges import service as pledges

R, C, U = ImportRow, ImportChange, ImportUnit
MOVED_ON = "预览之后有人改动了名册，这次没有写入任何东西。请重新上传这个文件，再看一遍。"


class Changes:
    """The changes of a range of rows that are to be written, written or taken back, each field in one statement.

    What nobody decided (a likely change of number, a stage date without the tick) stands in rows that are not CHANGED, or is left out.
    """

    def __init__(self, batch_id: int, first: int, last: int, actor_id: int | None = None) -> None:
        self.batch_id, self.actor_id, self.rows = batch_id, actor_id, (first, last)
        decided = select(R.row).where(R.batch_id == batch_id, R.row.between(first, last), R.verdict == Verdict.CHANGED)
        moves = select(ImportBatch.move_dates).where(ImportBatch.id == batch_id).scalar_subquery()
        self.span = and_(C.batch_id == batch_id, C.row.in_(decided), or_(C.field != Field.STAGE_DATE, moves))
        opened = func.count(func.nullif(C.after, ""))
        counted = select(C.field, func.count(), func.count(C.target_id), opened).where(self.span).group_by(C.field)
        self.counts = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in db.session.execute(counted)}

    def of(self, *fields: Field) -> ColumnElement[bool]:
        return and_(self.span, C.field.in_(fields))

    def expect(self, statement: Any, number: int) -> None:
        result = db.session.execute(statement, execution_options={"synchronize_session": False})
        if isinstance(result, CursorResult) and result.rowcount != number:
            raise Conflict(MOVED_ON)

    def write(self, day: date) -> None:
        if not self.counts:
            return
        self._person(C.before, C.after, C.before_on, C.after_on)
        for which, kind in ((Field.HOME, MembershipKind.HOME), (Field.REPORTED, MembershipKind.REPORTED)):
            if which in self.counts:
                ends = select(C.target_id).where(self.of(which), C.target_id.is_not(None))
                closing = update(Membership).where(Membership.id.in_(ends), Membership.valid_to.is_(None)).values(valid_to=day)
                self.expect(closing, self.counts[which][1])
                opened = select(C.person_id, U.unit_id, literal(kind, type_=Membership.kind.type), literal(day, type_=Date()))
                opened = opened.join(U, and_(U.batch_id == C.batch_id, U.key == C.unit_key)).where(self.of(which))
                columns = ["person_id", "unit_id", "kind", "valid_from"]
                db.session.execute(insert(Membership).from_select(columns, opened))
        if self.counts.get(Field.HOME, (0, 0, 0))[1]:
            endings.end_with(self.of(Field.HOME), self.batch_id, day, self.actor_id)
        if left := self._left():
            pledges.give_back(left, self.actor_id, self._begun_at())
        if Field.PHONE in self.counts:
            self._close_phones(day)
            begun_phones = select(C.person_id, C.after, literal(day, type_=Date())).where(self.of(Field.PHONE), C.after != "")
            db.session.execute(insert(Phone).from_select(["person_id", "number", "valid_from"], begun_phones))
        if Field.STAGE in self.counts:
            begun = select(C.person_id, C.after, C.after_on).where(self.of(Field.STAGE))
            db.session.execute(insert(Stage).from_select(["person_id", "kind", "began_on"], begun))
        self._move_stages(C.before_on, C.after_on)

    def take_back(self, day: date) -> None:
        if not self.counts:
            return
        self._person(C.after, C.before, C.after_on, C.before_on)
        for which, kind in ((Field.HOME, MembershipKind.HOME), (Field.REPORTED, MembershipKind.REPORTED)):
            if which in self.counts:
                opened = (
                    select(Membership.id)
                    .join(C, C.person_id == Membership.person_id)
                    .join(U, and_(U.batch_id == C.batch_id, U.key == C.unit_key, U.unit_id == Membership.unit_id))
                    .where(self.of(which), Membership.kind == kind, Membership.valid_to.is_(None), Membership.valid_from == day)
                )
                self.expect(delete(Membership).where(Membership.id.in_(opened)), self.counts[which][0])
                ends = select(C.target_id).where(self.of(which), C.target_id.is_not(None))
                reopening = update(Membership).where(Membership.id.in_(ends), Membership.valid_to == day).values(valid_to=None)
                self.expect(reopening, self.counts[which][1])
        if self.counts.get(Field.HOME, (0, 0, 0))[1]:
            endings.give_back_of(self.batch_id, *self.rows, day, self.actor_id)
        if left := self._left():
            pledges.take_up_again(left, self.actor_id, self._begun_at())
        if Field.PHONE in self.counts:
            phones = select(Phone.id).join(C, and_(C.person_id == Phone.person_id, C.after == Phone.number))
            phones = phones.where(self.of(Field.PHONE), Phone.valid_to.is_(None), Phone.valid_from == day)
            self.expect(delete(Phone).where(Phone.id.in_(phones)), self.counts[Field.PHONE][2])
            self._reopen_phones(day)
        if Field.STAGE in self.counts:
            kind_word = type_coerce(Stage.kind, String)
            begun = select(Stage.id).join(C, and_(C.person_id == Stage.person_id, C.after == kind_word, C.after_on == Stage.began_on))
            self.expect(delete(Stage).where(Stage.id.in_(begun.where(self.of(Field.STAGE)))), self.counts[Field.STAGE][0])
        self._move_stages(C.after_on, C.before_on)

    def _left(self) -> dict[int, int]:
        """person id → the community where their report ends with this batch."""
        if not self.counts.get(Field.REPORTED, (0, 0, 0))[1]:
            return {}
        ended = select(C.person_id, Membership.unit_id).join(Membership, Membership.id == C.target_id).where(self.of(Field.REPORTED))
        return dict(db.session.execute(ended).all())

    def _begun_at(self) -> datetime:
        """What is given back with a report bears this instant, so that taking the batch back finds it."""
        at = db.session.scalar(select(ImportBatch.started_at).where(ImportBatch.id == self.batch_id))
        if at is None:
            raise Conflict(MOVED_ON)
        return at

    def _close_phones(self, day: date) -> None:
        """The old numbers; the number that an account signs in with is another matter and stays."""
        ends = select(C.target_id).where(self.of(Field.PHONE), C.target_id.is_not(None))
        closing = update(Phone).where(Phone.id.in_(ends), Phone.valid_to.is_(None)).values(valid_to=day)
        self.expect(closing, self.counts[Field.PHONE][1])

    def _reopen_phones(self, day: date) -> None:
        ends = select(C.target_id).where(self.of(Field.PHONE), C.target_id.is_not(None))
        reopening = update(Phone).where(Phone.id.in_(ends), Phone.valid_to == day).values(valid_to=None)
        self.expect(reopening, self.counts[Field.PHONE][1])

    def _person(self, now: Any, then: Any, now_on: Any, then_on: Any) -> None:
        """Fields of the person's own row, from what they are `now` to what they are `then`."""
        gender = func.coalesce(type_coerce(Person.gender, String), "")
        moves: dict[Field, tuple[ColumnElement[bool], dict[str, Any]]] = {
            Field.GENDER: (gender == now, {"gender": func.nullif(then, "")}),
            Field.BIRTH: (Person.birth_date.is_not_distinct_from(now_on), {"birth_date": then_on}),
            Field.NOTE: (Person.note == now, {"note": then}),
        }
        for which, (as_promised, values) in moves.items():
            if which in self.counts:
                statement: Update = update(Person).where(Person.id == C.person_id, self.of(which), as_promised).values(values)
                self.expect(statement, self.counts[which][0])

    def _move_stages(self, now_on: Any, then_on: Any) -> None:
        if Field.STAGE_DATE in self.counts:
            which = self.of(Field.STAGE_DATE)
            moving = update(Stage).where(Stage.id == C.target_id, which, Stage.began_on == now_on).values(began_on=then_on)
            self.expect(moving, self.counts[Field.STAGE_DATE][0])
