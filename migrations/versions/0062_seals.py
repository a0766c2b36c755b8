"""Seals of days, and keys of persons for what is personal in audit rows"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only, drop, guard

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

BEGINNING = "0" * 64
LAST = f"COALESCE((SELECT last_one.digest FROM seal_entry last_one ORDER BY last_one.day DESC LIMIT 1), '{BEGINNING}')"
GUARDS = (
    ("person_key_stays_destroyed", "UPDATE", "person_key", "OLD.destroyed_at IS NULL", "a destroyed key comes back no more"),
    (
        "seal_entry_follows_the_last",
        "INSERT",
        "seal_entry",
        f"{LAST} = NEW.previous AND NOT EXISTS (SELECT 1 FROM seal_entry other WHERE other.day >= NEW.day)",
        "a seal follows the last one",
    ),
    (
        "seal_part_entry_of_an_open_day",
        "INSERT",
        "seal_part_entry",
        "NOT EXISTS (SELECT 1 FROM seal_entry sealed WHERE sealed.day >= NEW.day)",
        "that day is sealed",
    ),
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "person_key",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.String(120), nullable=True),
        sa.Column("wrapped_by", sa.String(12), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_person_key_destroyed")),
        sa.CheckConstraint("(wrapped IS NULL) = (wrapped_by IS NULL)", name=op.f("ck_person_key_wrapped_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_key_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_key")),
    )
    op.create_index("ix_person_key_wrapped_by", "person_key", ["wrapped_by", "person_id"])
    op.create_table(
        "seal_entry",
        sa.Column("id", number, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.CheckConstraint("length(digest) = 64 AND length(previous) = 64 AND digest <> previous", name=op.f("ck_seal_entry_digests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_entry")),
        sa.UniqueConstraint("day", name=op.f("uq_seal_entry_day")),
        sa.UniqueConstraint("previous", name=op.f("uq_seal_entry_previous")),
        sa.UniqueConstraint("digest", name=op.f("uq_seal_entry_digest")),
    )
    op.create_table(
        "seal_part_entry",
        sa.Column("id", number, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed_table", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.CheckConstraint("seq >= 1 AND rows >= 1 AND length(digest) = 64", name=op.f("ck_seal_part_entry_figures")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_part_entry")),
        sa.UniqueConstraint("sealed_table", "day", "seq", name=op.f("uq_seal_part_entry_sealed_table_day_seq")),
    )
    op.create_index("ix_seal_part_entry_day", "seal_part_entry", ["day"])
    op.create_table(
        "seal_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.CheckConstraint("faults >= 0", name=op.f("ck_seal_check_faults")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_check")),
    )
    op.create_index("ix_scan_received_at", "scan", ["received_at"])
    op.create_index("ix_attendance_decision_made_at", "attendance_decision", ["made_at"])
    statements = [*append_only("seal_entry", dialect), *append_only("seal_part_entry", dialect)]
    for statement in [*statements, *(one for made in GUARDS for one in guard(dialect, *made))]:
        op.execute(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, _, table, *_ in GUARDS:
        for statement in drop(dialect, name, table):
            op.execute(statement)
    op.drop_index("ix_attendance_decision_made_at", "attendance_decision")
    op.drop_index("ix_scan_received_at", "scan")
    for table in ("seal_check", "seal_part_entry", "seal_entry", "person_key"):
        op.drop_table(table)
