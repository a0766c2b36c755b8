"""Whose cap an entry of points falls under, where that is an earlier period than the one it counts in"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

EARLIER = sa.text("cap_on IS NOT NULL")


def upgrade() -> None:
    """By plain ADD COLUMN: the ledger is append-only, and may be long."""
    op.execute(
        "ALTER TABLE point_entry ADD COLUMN cap_on DATE CONSTRAINT ck_point_entry_cap_on "
        "CHECK (cap_on IS NULL OR (counted_on IS NOT NULL AND cap_on < counted_on))"
    )
    op.create_index("ix_point_entry_cap_on", "point_entry", ["person_id"], sqlite_where=EARLIER, postgresql_where=EARLIER)


def downgrade() -> None:
    op.drop_index("ix_point_entry_cap_on", table_name="point_entry")
    op.execute("ALTER TABLE point_entry DROP COLUMN cap_on")
