"""Initials of names; and what belongs to persons"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column("person", sa.Column("initials", sa.String(length=40), server_default="", nullable=False))
    op.create_index(op.f("ix_person_initials"), "person", ["initials"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_person_initials"), table_name="person")
    op.drop_column("person", "initials")
