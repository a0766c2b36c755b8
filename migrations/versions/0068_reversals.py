"""What reverses an entry is found by an index of the reversals alone"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

LEDGERS = ("hour_entry", "point_entry", "fund_movement_entry", "fund_service_entry")
# The unique index on `reverses_id` is full of NULL. Where ANALYZE meets a ledger without a reversal, SQLite takes it that each key has as
# many rows as the ledger, and answers "has it been reversed" by reading the ledger.
REVERSAL = sa.text("reverses_id IS NOT NULL")


def upgrade() -> None:
    for ledger in LEDGERS:
        name = f"ix_{ledger}_reverses"
        op.create_index(name, ledger, ["reverses_id"], sqlite_where=REVERSAL, postgresql_where=REVERSAL)


def downgrade() -> None:
    for ledger in LEDGERS:
        op.drop_index(f"ix_{ledger}_reverses", ledger)
