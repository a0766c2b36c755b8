"""What a subdistrict decides for itself (本地规定): one row a key. Who changed it, and from what, stands in the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Setting(Base):
    """`value` is JSON in the shape that the feature which owns the key expects; without a row its default holds."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
