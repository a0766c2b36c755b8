"""In-app notices. What waits for a decision is not stored here: features are asked for it (worklist.service)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

ABOUT = text("about_id IS NOT NULL")


class Notice(Base):
    """One line for one person, read or not. `url` is a path of this site without personal data.

    `about_id`: whom it is about, where the line leaves the name out; named when it is shown, to who may see them then.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_person", "person_id", "read_at"),
        Index("ix_notice_about", "about_id", sqlite_where=ABOUT, postgresql_where=ABOUT),  # people who are taken back are looked for
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
