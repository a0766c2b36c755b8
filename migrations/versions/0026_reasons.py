"""Why somebody should look at an attendance, and who decided"""

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by the slice that it is named after."""


def downgrade() -> None:
    """Takes back what `upgrade` made."""
