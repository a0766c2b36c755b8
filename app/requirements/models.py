"""双50小时 as data: presets of requirements, and which preset holds from when."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.hours.rules import HourKind
from app.people.rules import StageKind


class RequirementSet(Base):
    """A reading of the rule: A 阶段制, B 学习+服务制, or a local one. Of those valid by a day, the one activated last holds."""

    __tablename__ = "requirement_set"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    activated_at: Mapped[datetime | None]


class Requirement(Base):
    """So many minutes of one kind while in one stage. `honour_minutes` is the most 补录时长 that may count."""

    __tablename__ = "requirement"
    __table_args__ = (
        UniqueConstraint("set_id", "stage", "kind"),
        CheckConstraint("minutes_needed > 0 AND honour_minutes >= 0", name="minutes"),
        CheckConstraint("window_days IS NULL OR window_days > 0", name="window_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("requirement_set.id"))
    stage: Mapped[StageKind]
    kind: Mapped[HourKind]
    minutes_needed: Mapped[int]
    honour_minutes: Mapped[int]
    window_days: Mapped[int | None]
