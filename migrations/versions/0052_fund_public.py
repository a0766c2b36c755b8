"""What the public pages of the fund read: the hours of an activity are found by it, not by looking through the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

HELD = sa.text("activity_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_hour_entry_activity", "hour_entry", ["activity_id"], sqlite_where=HELD, postgresql_where=HELD)


def downgrade() -> None:
    op.drop_index("ix_hour_entry_activity", table_name="hour_entry")
