"""What an activity asks and offers: template, series, who may join, insurance"""

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the slice that it is named after."""


def downgrade() -> None:
    """Takes back what `upgrade` made."""
