"""Whom a notice is about: named when it is shown, to those who may see them"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ABOUT = sa.text("about_id IS NOT NULL")


def upgrade() -> None:
    op.execute("ALTER TABLE notice ADD COLUMN about_id INTEGER CONSTRAINT fk_notice_about_id_person REFERENCES person (id)")
    op.create_index("ix_notice_about", "notice", ["about_id"], sqlite_where=ABOUT, postgresql_where=ABOUT)


def downgrade() -> None:
    op.drop_index("ix_notice_about", table_name="notice")
    op.drop_column("notice", "about_id")
