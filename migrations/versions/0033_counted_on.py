"""What is booked after its month was closed counts in the month it is booked in"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

LEDGERS = ("hour_entry", "point_entry")


def upgrade() -> None:
    """By plain ADD COLUMN: the ledgers are append-only, and may be long."""
    for table in LEDGERS:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN counted_on DATE CONSTRAINT ck_{table}_counted_on "
            "CHECK (counted_on IS NULL OR (counted_on > served_on AND counted_on <= booked_on))"
        )


def downgrade() -> None:
    """Totals of what was booked late move back to the month of the service with `flask totals rebuild`."""
    for table in LEDGERS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN counted_on")
