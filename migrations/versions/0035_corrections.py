"""Corrections of the ledgers by two people, and disputes that are answered by a date"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

OPEN = sa.text("decided_at IS NULL")
OF_ATTENDANCE = sa.text("decided_at IS NULL AND attendance_id IS NOT NULL")
OF_ENTRY = sa.text("decided_at IS NULL AND entry_id IS NOT NULL")
OF_DISPUTE = sa.text("decided_at IS NULL AND dispute_id IS NOT NULL")
ASIDE = (
    "NEW.decided_by_id IS NOT NULL AND NEW.verdict = 'approved' AND EXISTS (SELECT 1 FROM hour_correction_aside "
    "WHERE hour_correction_aside.correction_id = NEW.id AND hour_correction_aside.person_id = NEW.decided_by_id)"
)
GUARDS = {
    "sqlite": [
        "CREATE TRIGGER hour_correction_final BEFORE UPDATE ON hour_correction WHEN OLD.decided_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'a correction is decided once'); END",
        "CREATE TRIGGER hour_correction_no_delete BEFORE DELETE ON hour_correction "
        "BEGIN SELECT RAISE(ABORT, 'a correction stays on record'); END",
        f"CREATE TRIGGER hour_correction_two_hands BEFORE UPDATE ON hour_correction WHEN {ASIDE} "
        "BEGIN SELECT RAISE(ABORT, 'who made the record does not approve its correction'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_correction() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a correction stays on record' USING ERRCODE = 'restrict_violation'; END IF; "
        "IF OLD.decided_at IS NOT NULL THEN RAISE EXCEPTION 'a correction is decided once' USING ERRCODE = 'restrict_violation'; END IF; "
        f"IF {ASIDE} THEN RAISE EXCEPTION 'who made the record does not approve its correction' USING ERRCODE = 'restrict_violation'; "
        "END IF; RETURN NEW; END $$",
        "CREATE TRIGGER hour_correction_guard BEFORE UPDATE OR DELETE ON hour_correction FOR EACH ROW EXECUTE FUNCTION refuse_correction()",
    ],
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    time = "DATETIME" if dialect == "sqlite" else "TIMESTAMP WITHOUT TIME ZONE"
    for column in (
        "due_on DATE",
        f"acknowledged_at {time}",
        "acknowledged_by_id INTEGER CONSTRAINT fk_dispute_acknowledged_by_id_person REFERENCES person (id) "
        "CONSTRAINT ck_dispute_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)) "
        "CONSTRAINT ck_dispute_acknowledged_by_another CHECK (acknowledged_by_id IS NULL OR acknowledged_by_id <> person_id)",
        "outcome VARCHAR(32) CONSTRAINT ck_dispute_outcome CHECK (outcome IN ('upheld', 'corrected', 'voided')) "
        "CONSTRAINT ck_dispute_outcome_answered CHECK (outcome IS NULL OR answered_at IS NOT NULL)",
    ):
        op.execute(f"ALTER TABLE dispute ADD COLUMN {column}")
    _say_until_when()
    _tables()
    for statement in GUARDS[dialect]:
        op.execute(statement)


def _say_until_when() -> None:
    """Ten working days after it was said, for those that were said before there was a date."""
    table = sa.table("dispute", sa.column("id", sa.Integer), sa.column("made_at", sa.DateTime), sa.column("due_on", sa.Date))
    for dispute_id, made_at in op.get_bind().execute(sa.select(table.c.id, table.c.made_at)).all():
        day, left = (made_at + timedelta(hours=8)).date(), 10
        while left:
            day += timedelta(days=1)
            left -= day.weekday() < 5
        op.execute(sa.update(table).where(table.c.id == dispute_id).values(due_on=day))


def _tables() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    changes = sa.Enum("times", "hour_class", "minutes", "void", name="change", native_enum=False, create_constraint=True, length=32)
    classes = sa.Enum("credit", "honour", name="hourclass", native_enum=False, create_constraint=True, length=32)
    verdicts = sa.Enum("approved", "refused", "withdrawn", name="correctionverdict", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "hour_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("attendance_id", big, nullable=True),
        sa.Column("entry_id", big, nullable=True),
        sa.Column("dispute_id", sa.Integer(), nullable=True),
        sa.Column("change", changes, nullable=False),
        sa.Column("in_at", sa.DateTime(), nullable=True),
        sa.Column("out_at", sa.DateTime(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("was_in_at", sa.DateTime(), nullable=True),
        sa.Column("was_out_at", sa.DateTime(), nullable=True),
        sa.Column("was_minutes", sa.Integer(), nullable=False),
        sa.Column("was_class", classes, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", verdicts, nullable=True),
        sa.Column("answer", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("attendance_id IS NOT NULL OR entry_id IS NOT NULL", name=op.f("ck_hour_correction_of_something")),
        sa.CheckConstraint(
            "(change = 'times') = (in_at IS NOT NULL) AND (in_at IS NULL) = (out_at IS NULL) AND (out_at IS NULL OR out_at > in_at)",
            name=op.f("ck_hour_correction_times"),
        ),
        sa.CheckConstraint("minutes >= 0 AND was_minutes >= 0 AND (change = 'void') = (minutes = 0)", name=op.f("ck_hour_correction_sums")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_hour_correction_reason")),
        sa.CheckConstraint("verdict <> 'refused' OR answer <> ''", name=op.f("ck_hour_correction_answer")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (verdict IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_hour_correction_decided"),
        ),
        sa.CheckConstraint("made_by_id <> person_id", name=op.f("ck_hour_correction_not_ones_own")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> person_id AND (decided_by_id = made_by_id) = (verdict = 'withdrawn'))",
            name=op.f("ck_hour_correction_two_people"),
        ),
        sa.ForeignKeyConstraint(["attendance_id"], ["attendance.id"], name=op.f("fk_hour_correction_attendance_id_attendance")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_hour_correction_decided_by_id_person")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("fk_hour_correction_dispute_id_dispute")),
        sa.ForeignKeyConstraint(["entry_id"], ["hour_entry.id"], name=op.f("fk_hour_correction_entry_id_hour_entry")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_hour_correction_made_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hour_correction_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hour_correction_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_correction")),
    )
    for name, columns, where in (
        ("uq_hour_correction_attendance", ["attendance_id"], OF_ATTENDANCE),
        ("uq_hour_correction_entry", ["entry_id"], OF_ENTRY),
        ("uq_hour_correction_dispute", ["dispute_id"], OF_DISPUTE),
    ):
        op.create_index(name, "hour_correction", columns, unique=True, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_hour_correction_person", "hour_correction", ["person_id", "decided_at"])
    op.create_index("ix_hour_correction_unit", "hour_correction", ["unit_id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "hour_correction_aside",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["hour_correction.id"], name=op.f("fk_hour_correction_aside_correction_id_hour_correction")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hour_correction_aside_person_id_person")),
        sa.PrimaryKeyConstraint("correction_id", "person_id", name=op.f("pk_hour_correction_aside")),
    )


def downgrade() -> None:
    op.drop_table("hour_correction_aside")
    op.drop_table("hour_correction")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_correction()")
    for column in ("outcome", "acknowledged_by_id", "acknowledged_at", "due_on"):
        op.drop_column("dispute", column)
