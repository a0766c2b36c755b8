"""What the ledgers came to is noted anew: an amount has another share in a mark (ADR 0054)"""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

TABLES = ("total_mark", "total_mark_base")


def forget() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table}")


def upgrade() -> None:
    forget()


def downgrade() -> None:
    forget()
