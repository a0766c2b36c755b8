"""What the ledgers came to, in fingerprints by owner: totals are held against these instead of against every entry"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "total_mark_base",
        sa.Column("total", sa.String(40), nullable=False),
        sa.Column("upto", number, nullable=False),
        sa.Column("seed", number, nullable=False),
        sa.PrimaryKeyConstraint("total", name=op.f("pk_total_mark_base")),
    )
    op.create_table(
        "total_mark",
        sa.Column("total", sa.String(40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("mark", number, nullable=False),
        sa.ForeignKeyConstraint(["total"], ["total_mark_base.total"], name=op.f("fk_total_mark_total_total_mark_base"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("total", "owner_id", "part", name=op.f("pk_total_mark")),
    )


def downgrade() -> None:
    op.drop_table("total_mark")
    op.drop_table("total_mark_base")
