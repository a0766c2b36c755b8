"""Secret addresses of people's calendars, each revoked by a date"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

STANDS = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("revoked_at IS NULL OR revoked_at >= made_at", name=op.f("ck_calendar_feed_dated")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
    )
    op.create_index("uq_calendar_feed_stands", "calendar_feed", ["person_id"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS)


def downgrade() -> None:
    op.drop_table("calendar_feed")
