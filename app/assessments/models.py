"""Assessments with what was taken for them, and every step. Figures, lines, remarks and steps are append-only.

Triggers: the steps follow one another, nobody does two in a row, who decides for the committee is not among the assessed, the lock asks
for a concluded 公示 without an objection upheld, nothing is taken anew while it is reviewed, publicised or locked.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.assessments.rules import Step
from app.core.db import Base, BigId


class Assessment(Base):
    """`step…` and `revision` are kept by triggers, from the newest step and the newest figures; nobody else can write them."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("unit_id", "span"),
        CheckConstraint("unit_id <> committee_id", name="committee"),
        CheckConstraint("(step IS NULL) = (step_at IS NULL) AND (step IS NULL) = (step_by_id IS NULL)", name="taken"),
        Index("ix_assessment_span", "span", "step"),
        Index("ix_assessment_committee", "committee_id", "step"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    committee_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the unit above, which reviews and locks
    span: Mapped[str] = mapped_column(String(7))  # 2025, 2025-Q3
    started_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    step_seq: Mapped[int] = mapped_column(default=0, server_default="0")
    step: Mapped[Step | None]
    step_at: Mapped[datetime | None]
    step_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AssessmentFigures(Base):
    """One taking of the figures, with its `people` lines and no more. `digest` is that of its content (rules.digest)."""

    __tablename__ = "assessment_figures"
    __table_args__ = (
        UniqueConstraint("assessment_id", "revision"),
        CheckConstraint("people >= 0", name="people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    revision: Mapped[int]
    people: Mapped[int]
    scheme_version: Mapped[str] = mapped_column(String(20))
    bands: Mapped[list[Any]]  # [[9000, "优秀"], …]
    digest: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class AssessmentLine(Base):
    """One person's result, in hundredths, with the ids of the entries behind it: it adds up, or the database refuses it."""

    __tablename__ = "assessment_line"
    __table_args__ = (
        CheckConstraint("total = CASE WHEN vetoed THEN 0 ELSE base + carried + earned - deducted + late END", name="total"),
        CheckConstraint("exempt IN ('age', 'ill', 'away')", name="exempt"),
        CheckConstraint("exempt IS NULL OR grade = ''", name="grade"),
        Index("ix_assessment_line_person", "person_id"),
    )

    figures_id: Mapped[int] = mapped_column(ForeignKey("assessment_figures.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    base: Mapped[int]
    earned: Mapped[int]
    deducted: Mapped[int]
    carried: Mapped[int]
    late: Mapped[int]
    vetoed: Mapped[bool]
    exempt: Mapped[str | None] = mapped_column(String(10))
    total: Mapped[int]
    grade: Mapped[str] = mapped_column(String(20))
    by_rule: Mapped[dict[str, Any]]
    entries: Mapped[list[Any]]
    late_entries: Mapped[list[Any]]
    has_late: Mapped[bool]


class AssessmentRemark(Base):
    """What the branch says about somebody's result; the newest of a person is shown. Append-only."""

    __tablename__ = "assessment_remark"
    __table_args__ = (
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("made_by_id <> person_id", name="not_oneself"),
        Index("ix_assessment_remark_of", "assessment_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    words: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class AssessmentStep(Base):
    """One step, about one taking of the figures."""

    __tablename__ = "assessment_step"
    __table_args__ = (
        UniqueConstraint("assessment_id", "seq"),
        ForeignKeyConstraint(["assessment_id", "revision"], ["assessment_figures.assessment_id", "assessment_figures.revision"]),
        CheckConstraint("step NOT IN ('returned', 'retracted') OR reason <> ''", name="reason"),
        CheckConstraint("(publicity_id IS NOT NULL) = (step IN ('publicised', 'retracted', 'locked'))", name="publicity"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    seq: Mapped[int]
    step: Mapped[Step]
    revision: Mapped[int]
    publicity_id: Mapped[int | None] = mapped_column(ForeignKey("publicity.id"))
    reason: Mapped[str] = mapped_column(String(300))
    actor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
