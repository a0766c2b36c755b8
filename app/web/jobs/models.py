"""The trace that scheduled work leaves."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.web.jobs.rules import Outcome

RUNNING = text("ended_at IS NULL")


class JobRun(Base):
    """One run of one job; while it runs, nothing says how it ended. The database refuses a second one of the same name meanwhile.

    `said` is the last line it printed, without long numbers; `host` is the machine. Nothing personal.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        CheckConstraint("name <> ''", name="name"),
        Index("uq_job_run_running", "name", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_job_run_name", "name", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    host: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    said: Mapped[str] = mapped_column(String(400))
