"""Whom a notice is about: named when it is shown, to those who may see them"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE notice ADD COLUMN about_id INTEGER CONSTRAINT fk_notice_about_id_person REFERENCES person (id)")


def downgrade() -> None:
    op.drop_column("notice", "about_id")
