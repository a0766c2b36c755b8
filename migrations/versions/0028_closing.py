"""Photos and outcomes of an activity"""

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the slice that it is named after."""


def downgrade() -> None:
    """Takes back what `upgrade` made."""
