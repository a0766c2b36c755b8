"""A project's panel: who sits in it, who stepped aside, what each gave. Nothing of it ever changes.

Triggers (migration 0046) refuse a seat for whoever sent the project, scores by somebody who stepped aside, and everything once all
who remain, three at least, have given theirs: from then on the scores are open.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BigId
from app.fund.models_road import WEIGHTS_ADD_UP, WEIGHTS_WHOLE
from app.fund.stage_rules import Criterion

SCORES_IN_RANGE = " AND ".join(f"{criterion} BETWEEN 0 AND 100" for criterion in Criterion)


class Panel(Base):
    """The weights that hold for a project: its call's, or the usual ones, as they were when its first reviewer was named."""

    __tablename__ = "panel"
    __table_args__ = (CheckConstraint(f"{WEIGHTS_WHOLE} AND {WEIGHTS_ADD_UP}", name="weights"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("fund_project.id"), primary_key=True)
    need: Mapped[int]
    fit: Mapped[int]
    participation: Mapped[int]
    feasibility: Mapped[int]
    novelty: Mapped[int]
    durability: Mapped[int]
    budget: Mapped[int]
    named_at: Mapped[datetime]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class PanelSeat(Base):
    __tablename__ = "panel_seat"
    __table_args__ = (Index("ix_panel_seat_person", "person_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("panel.project_id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    named_at: Mapped[datetime]
    named_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class PanelAsideEntry(Base):
    """回避: by their own word, or by the rule, since it became their own unit's project."""

    __tablename__ = "panel_aside_entry"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "person_id"], ["panel_seat.project_id", "panel_seat.person_id"]),
        UniqueConstraint("project_id", "person_id"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int]
    person_id: Mapped[int]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))


class PanelScoreEntry(Base):
    """What one reviewer gave, 0 to 100 by criterion, with a word. Closed to everybody else until all are in."""

    __tablename__ = "panel_score_entry"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "person_id"], ["panel_seat.project_id", "panel_seat.person_id"]),
        UniqueConstraint("project_id", "person_id"),
        CheckConstraint(SCORES_IN_RANGE, name="range"),
        CheckConstraint("words <> ''", name="words"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    project_id: Mapped[int]
    person_id: Mapped[int]
    at: Mapped[datetime]
    need: Mapped[int]
    fit: Mapped[int]
    participation: Mapped[int]
    feasibility: Mapped[int]
    novelty: Mapped[int]
    durability: Mapped[int]
    budget: Mapped[int]
    words: Mapped[str] = mapped_column(String(300))
