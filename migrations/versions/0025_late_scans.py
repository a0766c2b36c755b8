"""Scans that arrive late"""

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the slice that it is named after."""


def downgrade() -> None:
    """Takes back what `upgrade` made."""
