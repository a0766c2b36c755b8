"""Scans and attendance"""

import sqlalchemy as sa
from alembic import op

from app.core.ledger_ddl import append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


SQLITE_OVERLAP = """
CREATE TRIGGER attendance_no_overlap_{verb} BEFORE {verb} ON attendance
WHEN NEW.credited_from IS NOT NULL AND EXISTS (
  SELECT 1 FROM attendance other
  WHERE other.person_id = NEW.person_id AND other.id <> coalesce(NEW.id, -1)
    AND other.credited_from < NEW.credited_to AND other.credited_to > NEW.credited_from)
BEGIN SELECT RAISE(ABORT, 'credited spells of one person overlap'); END
"""
NO_OVERLAP = {
    "sqlite": [SQLITE_OVERLAP.format(verb="INSERT"), SQLITE_OVERLAP.format(verb="UPDATE")],
    "postgresql": [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        "ALTER TABLE attendance ADD CONSTRAINT ex_attendance_overlap EXCLUDE USING gist "
        "(person_id WITH =, tsrange(credited_from, credited_to) WITH &&) WHERE (credited_from IS NOT NULL)",
    ],
}


def upgrade() -> None:
    op.create_table(
        "helper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_helper_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_helper_person_id_person")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_helper_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helper")),
    )
    op.create_index(op.f("ix_helper_person_id"), "helper", ["person_id"], unique=False)
    op.create_index("uq_helper", "helper", ["shift_id", "person_id"], unique=True)
    op.create_table(
        "scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column(
            "way",
            sa.Enum(
                "poster",
                "rotating",
                "typed_code",
                "personal_code",
                "card",
                "button",
                "named",
                "organiser",
                "paper",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "in",
                "out",
                "undone",
                "already_in",
                "already_out",
                "pending",
                "visitor",
                "too_early",
                "too_late",
                "stale_code",
                "wrong_way",
                "not_open",
                "too_many",
                "not_in",
                "forged",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("device_hash", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_scan_activity_id_activity")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_scan_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_scan_person_id_person")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_scan_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_activity", "scan", ["activity_id", "received_at"], unique=False)
    op.create_index("ix_scan_person", "scan", ["person_id", "activity_id"], unique=False)
    op.create_index(
        "uq_scan_visit",
        "scan",
        ["activity_id", "device_hash"],
        unique=True,
        sqlite_where=sa.text("outcome = 'visitor'"),
        postgresql_where=sa.text("outcome = 'visitor'"),
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("in_at", sa.DateTime(), nullable=False),
        sa.Column(
            "in_way",
            sa.Enum(
                "poster",
                "rotating",
                "typed_code",
                "personal_code",
                "card",
                "button",
                "named",
                "organiser",
                "paper",
                name="in_way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("in_scan_id", sa.Uuid(), nullable=False),
        sa.Column("out_at", sa.DateTime(), nullable=True),
        sa.Column(
            "out_way",
            sa.Enum(
                "poster",
                "rotating",
                "typed_code",
                "personal_code",
                "card",
                "button",
                "named",
                "organiser",
                "paper",
                name="out_way",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("out_scan_id", sa.Uuid(), nullable=True),
        sa.Column("credited_from", sa.DateTime(), nullable=True),
        sa.Column("credited_to", sa.DateTime(), nullable=True),
        sa.Column("review", sa.String(length=40), nullable=True),
        sa.Column("excluded_at", sa.DateTime(), nullable=True),
        sa.Column("excluded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(credited_from IS NULL) = (credited_to IS NULL)", name=op.f("ck_attendance_credited")),
        sa.CheckConstraint("(out_at IS NULL) = (out_way IS NULL)", name=op.f("ck_attendance_out")),
        sa.CheckConstraint(
            "credited_from IS NULL OR (out_at IS NOT NULL AND credited_to > credited_from)", name=op.f("ck_attendance_credited_spell")
        ),
        sa.CheckConstraint("out_at IS NULL OR out_at >= in_at", name=op.f("ck_attendance_out_after_in")),
        sa.ForeignKeyConstraint(["excluded_by_id"], ["person.id"], name=op.f("fk_attendance_excluded_by_id_person")),
        sa.ForeignKeyConstraint(["in_scan_id"], ["scan.id"], name=op.f("fk_attendance_in_scan_id_scan")),
        sa.ForeignKeyConstraint(["out_scan_id"], ["scan.id"], name=op.f("fk_attendance_out_scan_id_scan")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_attendance_shift_id_shift")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
    )
    op.create_index("ix_attendance_person", "attendance", ["person_id", "in_at"], unique=False)
    op.create_index("ix_attendance_shift", "attendance", ["shift_id", "out_at"], unique=False)
    op.create_index(
        "uq_attendance_open",
        "attendance",
        ["shift_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("out_at IS NULL"),
        postgresql_where=sa.text("out_at IS NULL"),
    )
    for statement in append_only("scan", op.get_bind().dialect.name):
        op.execute(statement)
    for statement in NO_OVERLAP[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        "uq_attendance_open", table_name="attendance", sqlite_where=sa.text("out_at IS NULL"), postgresql_where=sa.text("out_at IS NULL")
    )
    op.drop_index("ix_attendance_shift", table_name="attendance")
    op.drop_index("ix_attendance_person", table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(
        "uq_scan_visit", table_name="scan", sqlite_where=sa.text("outcome = 'visitor'"), postgresql_where=sa.text("outcome = 'visitor'")
    )
    op.drop_index("ix_scan_person", table_name="scan")
    op.drop_index("ix_scan_activity", table_name="scan")
    op.drop_table("scan")
    op.drop_index("uq_helper", table_name="helper")
    op.drop_index(op.f("ix_helper_person_id"), table_name="helper")
    op.drop_table("helper")
