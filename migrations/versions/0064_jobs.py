"""Scheduled work takes a lock and leaves a trace"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("said", sa.String(length=400), nullable=False),
        sa.CheckConstraint("outcome IN ('done', 'failed', 'lost')", name=op.f("ck_job_run_outcome")),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_job_run_ended")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_job_run_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("uq_job_run_running", "job_run", ["name"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING)
    op.create_index("ix_job_run_name", "job_run", ["name", "started_at"])


def downgrade() -> None:
    op.drop_table("job_run")
