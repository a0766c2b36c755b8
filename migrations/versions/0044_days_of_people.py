"""Totals of a person's single days are not kept any more: they were hardly fewer than the entries themselves"""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("hour_person_total", "point_person_total"):
        op.execute(f"DELETE FROM {table} WHERE length(period) = 10")


def downgrade() -> None:
    """`flask totals rebuild` of that version makes them again."""
