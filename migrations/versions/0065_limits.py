"""Limits that hold across nodes"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_use",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.CheckConstraint("used > 0", name=op.f("ck_limit_use_used")),
        sa.PrimaryKeyConstraint("name", "who", name=op.f("pk_limit_use")),
    )
    op.create_index(op.f("ix_limit_use_until"), "limit_use", ["until"])
    if op.get_bind().dialect.name == "postgresql":  # what it holds may be lost with a crash, and no commit waits for the disk
        op.execute("ALTER TABLE limit_use SET UNLOGGED")


def downgrade() -> None:
    op.drop_table("limit_use")
