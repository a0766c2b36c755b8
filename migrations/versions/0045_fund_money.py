"""The fund's money in full: openings, purposes, refunds, returns, transfers, other money, deputies"""

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
