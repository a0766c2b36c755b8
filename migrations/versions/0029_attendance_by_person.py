"""Who of a shift's thousands a scan is about is found by the index, not by looking through them"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_attendance_shift", table_name="attendance")
    op.create_index("ix_attendance_shift", "attendance", ["shift_id", "person_id", "out_at"])


def downgrade() -> None:
    op.drop_index("ix_attendance_shift", table_name="attendance")
    op.create_index("ix_attendance_shift", "attendance", ["shift_id", "out_at"])
