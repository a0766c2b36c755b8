"""Positions of a shift, feeds of the calendar"""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the slice that it is named after."""


def downgrade() -> None:
    """Takes back what `upgrade` made."""
