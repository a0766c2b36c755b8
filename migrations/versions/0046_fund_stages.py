"""Stages of a project in full, calls for proposals, panels and scores, contracts and instalments"""

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
