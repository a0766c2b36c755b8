"""Totals of a person's single days are not kept any more: they were hardly fewer than the entries, which are found by their day now"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

LATE = sa.text("counted_on IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_hour_entry_served_on", "hour_entry", ["served_on"])
    op.create_index("ix_hour_entry_counted_on", "hour_entry", ["counted_on"], sqlite_where=LATE, postgresql_where=LATE)
    for table in ("hour_person_total", "point_person_total"):
        op.execute(f"DELETE FROM {table} WHERE length(period) = 10")


def downgrade() -> None:
    """`flask totals rebuild` of that version makes the days again."""
    op.drop_index("ix_hour_entry_counted_on", table_name="hour_entry")
    op.drop_index("ix_hour_entry_served_on", table_name="hour_entry")
