"""Taking a register of posts back: only what stands as the register wrote it. Inside a write transaction."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Result, delete, func, select, update

from app.audit import service as audit
from app.core.db import db
from app.core.errors import Conflict
from app.duties.models import Post, PostTerm
from app.registers.lookup import parts
from app.registers.models import RegisterRow
from app.registers.staged import MOVED_ON, Job, Staged


def move_due(job: Job, row: Staged, before: str | None, after: str | None) -> None:
    """The end of a standing term, from what it is to what it becomes. Raises Conflict where it is something else."""
    was, then = (date.fromisoformat(day) if day else None for day in (before, after))
    term = row.values["due"]["term"]
    moving = update(PostTerm).where(PostTerm.id == term, PostTerm.due_on.is_not_distinct_from(was), PostTerm.valid_to.is_(None))
    if not db.session.execute(moving.values(due_on=then).returning(PostTerm.id)).all():
        raise Conflict(MOVED_ON)
    audit.record(job.actor_id, "post.term_edit", "post", row.target, term=term, before=before, after=after)


def undo(job: Job, rows: Sequence[Staged]) -> None:
    """As before. What was handed over, given another end, resized or rewritten since can not go: raises Conflict."""
    _end_terms([row for row in rows if "term" in row.journal])
    for row in reversed(rows):
        if "due" in row.values:
            move_due(job, row, row.values["due"]["after"], row.values["due"]["before"])
        if "seats" in row.journal:
            setting = update(Post).where(Post.id == row.target, Post.seats == row.values["seats"]).values(seats=row.journal["seats"])
            _all(db.session.execute(setting.returning(Post.id)), 1)
    for row in rows:
        if "post" in row.journal:
            _remove(row.journal["post"], row.values["new"])
    audit.record_all(job.actor_id, [("post.register_undo", "post", row.target, {"batch": job.batch_id}) for row in rows])


def _end_terms(rows: Sequence[Staged]) -> None:
    """Terms that stand as they were written, with the end they were written with."""
    by_end: dict[str | None, list[int]] = {}
    for row in rows:
        by_end.setdefault(row.values["term"]["due"], []).append(row.journal["term"])
    for due, terms in by_end.items():
        end = date.fromisoformat(due) if due else None
        as_written = (PostTerm.id.in_(terms), PostTerm.valid_to.is_(None), PostTerm.due_on.is_not_distinct_from(end))
        _all(db.session.execute(delete(PostTerm).where(*as_written).returning(PostTerm.id)), len(terms))


def _remove(post_id: int, new: dict[str, Any]) -> None:
    """A post as it was made: nobody has changed what it is since."""
    as_written = (Post.title == new["title"], Post.seats == new["seats"], Post.place_id.is_not_distinct_from(new["place"]))
    gone = delete(Post).where(Post.id == post_id, *as_written, Post.duties == "", Post.closed_on.is_(None))
    _all(db.session.execute(gone.returning(Post.id)), 1)


def _all(done: Result[tuple[int]], number: int) -> None:
    if len(done.all()) != number:
        raise Conflict(MOVED_ON)


def rests(batch_id: int) -> list[str]:
    """Terms that have been handed over, and people who took up a post that the batch made."""
    rows = select(RegisterRow.journal).where(RegisterRow.batch_id == batch_id, RegisterRow.written_at.is_not(None))
    journals = [journal or {} for journal in db.session.scalars(rows)]
    terms = {journal["term"] for journal in journals if "term" in journal}
    posts = {journal["post"] for journal in journals if "post" in journal}
    ended = others = 0
    for ids in parts(sorted(terms)):
        ended += db.session.scalar(select(func.count()).where(PostTerm.id.in_(ids), PostTerm.valid_to.is_not(None))) or 0
    for ids in parts(sorted(posts)):
        later = select(PostTerm.id).where(PostTerm.post_id.in_(ids))
        others += sum(term not in terms for term in db.session.scalars(later))
    return [*([f"{ended} 个任职已经交接"] if ended else []), *([f"新岗位上后来有了 {others} 位任职人"] if others else [])]
